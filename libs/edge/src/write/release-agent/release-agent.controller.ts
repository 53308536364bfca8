import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { ReleaseAgent } from './release-agent.command.js';
import { releaseAgent } from './release-agent.decide.js';

@Controller('edge-agents')
export class ReleaseAgentController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * POST /api/v1/infrastructure/edge-agents/agent-7c9e66797425de94/release {}
   *
   * Answers 202 and the position to read after; 404 `edge.agent-unknown`. For admins. Safe to repeat: what is not held stays as it is, and nothing
   * is written.
   */
  @Post(':agent_id/release')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Takes(ReleaseAgent, 'agent_id')
  @ApiOperation({ operationId: 'releaseEdgeAgent', summary: 'Release an edge agent that is held' })
  @ApiAcceptedResponse({ type: Accepted })
  async release(@Command() command: ReleaseAgent, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    return acceptedOr(refusals, await this.commands.handle(releaseAgent, { data: command, actor, ...key }));
  }
}
