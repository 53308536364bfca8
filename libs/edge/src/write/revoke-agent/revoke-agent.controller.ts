import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { RevokeAgent } from './revoke-agent.command.js';
import { revokeAgent } from './revoke-agent.decide.js';

@Controller('edge-agents')
export class RevokeAgentController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * POST /api/v1/infrastructure/edge-agents/agent-7c9e66797425de94/revoke {"note": "the host was sold"}
   *
   * Answers 202 and the position to read after; 404 `edge.agent-unknown`. Its tunnel is closed at once, and it can never connect
   * again. Safe to repeat.
   */
  @Post(':agent_id/revoke')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Takes(RevokeAgent, 'agent_id')
  @ApiOperation({ operationId: 'revokeEdgeAgent', summary: 'Take the right to connect from an edge agent' })
  @ApiAcceptedResponse({ type: Accepted })
  async revoke(@Command() command: RevokeAgent, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    return acceptedOr(refusals, await this.commands.handle(revokeAgent, { data: command, actor, ...key }));
  }
}
