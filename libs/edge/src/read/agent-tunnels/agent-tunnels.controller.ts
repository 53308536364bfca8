import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ListAnswerOf } from '@app/http';
import { type Answer, ReadModels } from '@app/read-store';
import { agentTunnels } from './agent-tunnels.projection.js';
import { listTunnels } from './agent-tunnels.query.js';
import { EdgeTunnel, EdgeTunnelPath, EdgeTunnelQuery } from './agent-tunnels.view.js';

@Controller('edge-agents')
export class AgentTunnelsController {
  constructor(private readonly reads: ReadModels) {}

  /** GET /api/v1/infrastructure/edge-agents/agent-7c9e66797425de94/tunnels -- the last twenty, the newest first; none for an agent nobody knows. */
  @Get(':agent_id/tunnels')
  @ApiOperation({ operationId: 'listEdgeTunnels', summary: 'The last tunnels of an edge agent, the newest first' })
  @ApiOkResponse({ type: ListAnswerOf(EdgeTunnel) })
  list(@Param() { agent_id }: EdgeTunnelPath, @Query() query: EdgeTunnelQuery): Promise<Answer<EdgeTunnel[]>> {
    return this.reads.answer(agentTunnels, { ...query, agent_id } as EdgeTunnelQuery, (db) => listTunnels(db, agent_id));
  }
}
