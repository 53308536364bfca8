import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { UnarchiveAgent } from './unarchive-agent.command.js';
import { unarchiveAgent } from './unarchive-agent.decide.js';

@Controller('edge-agents')
export class UnarchiveAgentController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * POST /api/v1/infrastructure/edge-agents/agent-7c9e66797425de94/unarchive {}
   *
   * Answers 202 and the position to read after; 404 `edge.agent-unknown`. Safe to repeat: what is not archived stays as it is.
   */
  @Post(':agent_id/unarchive')
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Takes(UnarchiveAgent, 'agent_id')
  @ApiOperation({ operationId: 'unarchiveEdgeAgent', summary: 'List and count an archived edge agent again' })
  @ApiAcceptedResponse({ type: Accepted })
  async unarchive(@Command() { agent_id }: UnarchiveAgent, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    const data = { agent_id, reason: 'operator' } as const;
    return acceptedOr(refusals, await this.commands.handle(unarchiveAgent, { data, actor, ...key }));
  }
}
