import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ListAnswerOf, MayAs, problemOf } from '@app/http';
import { refuse } from '@app/kernel';
import { ReadModels } from '@app/read-store';
import { refusals as ofPeers } from '../../../peers/ports.js';
import { callLog } from './call-log.projection.js';
import { listCalls } from './call-log.query.js';
import { Call, CallListQuery, CallsOfPath } from './call-log.view.js';

export class CallListAnswer extends ListAnswerOf(Call) {}

@Controller('peers')
export class CallLogController {
  constructor(private readonly reads: ReadModels) {}

  /**
   * GET /api/v1/infrastructure/peers/peer-3f2a91bc04de77a1/calls?direction=in&outcome=failed&limit=50&cursor=c8172
   *
   * The calls between a peer and this instance, newest first; also of a peer that was removed.
   * `caller_name` is null to viewers, who do not see the list of tokens either. 404 `federation.peer-unknown`.
   */
  @Get(':peer_id/calls')
  @ApiOperation({ operationId: 'listCalls', summary: 'The A2A calls of a peer, newest first' })
  @ApiOkResponse({ type: CallListAnswer })
  async list(
    @Param() { peer_id }: CallsOfPath,
    @Query() query: CallListQuery,
    @MayAs('operator') withNames: boolean,
  ): Promise<CallListAnswer> {
    const asked = { ...query, peer_id };
    const { data, ...answer } = await this.reads.answer(callLog, asked, (db) => listCalls(db, peer_id, query, { withNames }));
    if (data === null) throw problemOf(ofPeers, refuse('federation.peer-unknown', { peer_id }));
    return { ...answer, data: data.calls, ...(data.next_cursor === null ? {} : { next_cursor: data.next_cursor }) };
  }
}
