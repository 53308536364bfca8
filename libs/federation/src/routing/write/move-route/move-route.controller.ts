import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { MoveRoute } from './move-route.command.js';
import { moveRoute } from './move-route.decide.js';

@Controller('routes')
export class MoveRouteController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * POST /api/v1/infrastructure/routes/rule-5c10e2b7a9d243f0/move {"before": "rule-1d8877fe02ab6c94"}
   *
   * Answers 202 and the position to read after; 404 `federation.rule-unknown`, 422 `federation.before-unknown`. Safe to repeat: a rule that
   * stands there stays, and nothing is written.
   */
  @Post(':rule_id/move')
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Takes(MoveRoute, 'rule_id')
  @ApiOperation({ operationId: 'moveRoute', summary: 'Move a routing rule to another place' })
  @ApiAcceptedResponse({ type: Accepted })
  async move(@Command() command: MoveRoute, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    return acceptedOr(refusals, await this.commands.handle(moveRoute, { data: command, actor, ...key }));
  }
}
