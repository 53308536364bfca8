import { Controller, Delete, HttpCode } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { RouteParts } from '../../route-parts.provider.js';
import { RemoveRoute } from './remove-route.command.js';
import { removeRoute } from './remove-route.decide.js';

@Controller('routes')
export class RemoveRouteController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly parts: RouteParts,
  ) {}

  /**
   * DELETE /api/v1/infrastructure/routes/rule-5c10e2b7a9d243f0
   *
   * Answers 202 and the position to read after; 404 `federation.rule-unknown`, also of one that was removed before. Its credential goes with it.
   */
  @Delete(':rule_id')
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @ApiParam({ name: 'rule_id' })
  @ApiOperation({ operationId: 'removeRoute', summary: 'Remove a routing rule' })
  @ApiAcceptedResponse({ type: Accepted })
  async remove(@Command() command: RemoveRoute, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    const accepted = acceptedOr(refusals, await this.commands.handle(removeRoute, { data: command, actor, ...key }));
    await this.parts.forgetOf(command.rule_id);
    return accepted;
  }
}
