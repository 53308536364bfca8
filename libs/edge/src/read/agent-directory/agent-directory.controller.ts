import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AnswerOf, ListAnswerOf, problemOf } from '@app/http';
import { refuse } from '@app/kernel';
import { type Answer, ReadModels } from '@app/read-store';
import { refusals } from '../../refusals.js';
import { agentDirectory } from './agent-directory.projection.js';
import { getAgent, listAgents } from './agent-directory.query.js';
import { EdgeAgent, EdgeAgentListQuery, EdgeAgentPath, EdgeAgentQuery } from './agent-directory.view.js';

@Controller('edge-agents')
export class AgentDirectoryController {
  constructor(private readonly reads: ReadModels) {}

  /**
   * GET /api/v1/infrastructure/edge-agents?status=disconnected&q=berlin&limit=50&cursor=...&after=f81724
   *
   * Oldest first, the revoked among them; `?join_token_id=...` finds the one that joined by it. 503 `read.behind` when the table does not
   * reach `after` in time.
   */
  @Get()
  @ApiOperation({ operationId: 'listEdgeAgents', summary: 'The edge agents, oldest first' })
  @ApiOkResponse({ type: ListAnswerOf(EdgeAgent) })
  async list(@Query() query: EdgeAgentListQuery): Promise<Answer<EdgeAgent[]> & { next_cursor?: string }> {
    const { data, ...answer } = await this.reads.answer(agentDirectory, query, (db) => listAgents(db, query));
    return { ...answer, data: data.agents, ...(data.next_cursor === null ? {} : { next_cursor: data.next_cursor }) };
  }

  /** GET /api/v1/infrastructure/edge-agents/agent-7c9e66797425de94 -- or 404 `edge.agent-unknown`. */
  @Get(':agent_id')
  @ApiOperation({ operationId: 'getEdgeAgent', summary: 'One edge agent' })
  @ApiOkResponse({ type: AnswerOf(EdgeAgent) })
  async get(@Param() { agent_id }: EdgeAgentPath, @Query() query: EdgeAgentQuery): Promise<Answer<EdgeAgent>> {
    const asked = { ...query, agent_id };
    const { data, ...answer } = await this.reads.answer(agentDirectory, asked, (db) => getAgent(db, agent_id));
    if (data === null) throw problemOf(refusals, refuse('edge.agent-unknown', { agent_id }));
    return { ...answer, data };
  }
}
