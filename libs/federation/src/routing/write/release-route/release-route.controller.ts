import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { ReleaseRoute } from './release-route.command.js';
import { releaseRoute } from './release-route.decide.js';

@Controller('routes')
export class ReleaseRouteController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * POST /api/v1/infrastructure/routes/rule-5c10e2b7a9d243f0/release {}
   *
   * Answers 202 and the position to read after; 404 `federation.rule-unknown`. For admins. Safe to repeat: what is not held stays as it is, and nothing
   * is written.
   */
  @Post(':rule_id/release')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Takes(ReleaseRoute, 'rule_id')
  @ApiOperation({ operationId: 'releaseRoute', summary: 'Release a routing rule that is held' })
  @ApiAcceptedResponse({ type: Accepted })
  async release(@Command() command: ReleaseRoute, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    return acceptedOr(refusals, await this.commands.handle(releaseRoute, { data: command, actor, ...key }));
  }
}
