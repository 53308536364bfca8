import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler, RequestReply, Unanswered } from '@app/event-store';
import { ProblemException, Roles, problemOf } from '@app/http';
import { refuse } from '@app/kernel';
import { agent } from '../../agent.stream.js';
import { refusals } from '../../refusals.js';
import { PING_REQUEST } from '../../ping.rpc.js';
import { PingAgent } from './ping-agent.command.js';
import { PingAnswer } from './ping-agent.view.js';

/** Longer than whoever holds the tunnel waits for the agent. */
const TIMEOUT_MS = 8_000;

@Controller('edge-agents')
export class PingAgentController {
  constructor(
    private readonly rpc: RequestReply,
    private readonly commands: CommandHandler,
  ) {}

  /**
   * POST /api/v1/infrastructure/edge-agents/agent-7c9e66797425de94/ping
   *
   * Answers 200, whether the agent answered, and how fast; 404 `edge.agent-unknown`, 503 `edge.not-running` when no process says that
   * it holds the tunnels.
   */
  @Post(':agent_id/ping')
  @HttpCode(200)
  @Roles('operator')
  @ApiOperation({ operationId: 'pingEdgeAgent', summary: 'Ask an edge agent whether it is there' })
  @ApiOkResponse({ type: PingAnswer })
  async ping(@Param() { agent_id }: PingAgent): Promise<PingAnswer> {
    const { lifecycle } = await this.commands.read(agent.of(agent_id));
    if (lifecycle === 'unknown') throw problemOf(refusals, refuse('edge.agent-unknown', { agent_id }));
    try {
      return await this.rpc.ask<PingAnswer>(PING_REQUEST, { agent_id }, TIMEOUT_MS);
    } catch (error) {
      if (error instanceof Unanswered) throw notRunning();
      throw error;
    }
  }
}

const notRunning = (): ProblemException =>
  new ProblemException({
    title: 'Edge process not running',
    status: 503,
    code: 'edge.not-running',
    detail: 'No process answered that holds the tunnels of edge agents.',
    next: 'Start the edge app, or see in its log why it does not answer; then try again.',
  });
