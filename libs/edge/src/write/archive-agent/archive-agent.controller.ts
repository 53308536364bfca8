import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { ArchiveAgent } from './archive-agent.command.js';
import { archiveAgent } from './archive-agent.decide.js';

@Controller('edge-agents')
export class ArchiveAgentController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * POST /api/v1/infrastructure/edge-agents/agent-7c9e66797425de94/archive {}
   *
   * Answers 202 and the position to read after; 404 `edge.agent-unknown`. Lists and counts leave it out from then on. Its right to connect
   * stays what it is, and a tunnel that it opens ends the archive. Safe to repeat.
   */
  @Post(':agent_id/archive')
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Takes(ArchiveAgent, 'agent_id')
  @ApiOperation({ operationId: 'archiveEdgeAgent', summary: 'Take an edge agent out of lists and counts' })
  @ApiAcceptedResponse({ type: Accepted })
  async archive(@Command() command: ArchiveAgent, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    return acceptedOr(refusals, await this.commands.handle(archiveAgent, { data: command, actor, ...key }));
  }
}
