import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AnswerOf, ListAnswerOf, problemOf } from '@app/http';
import { refuse } from '@app/kernel';
import { type Answer, ReadModels } from '@app/read-store';
import { refusals } from '../../refusals.js';
import { peerDirectory } from './peer-directory.projection.js';
import { getPeer, listPeers } from './peer-directory.query.js';
import { Peer, PeerListQuery, PeerPath, PeerQuery } from './peer-directory.view.js';

@Controller('peers')
export class PeerDirectoryController {
  constructor(private readonly reads: ReadModels) {}

  /**
   * GET /api/v1/infrastructure/peers?status=suspended&q=lisbon&limit=50&cursor=...&after=f81724
   *
   * Oldest first. Answers 503 `read.behind` when the table does not reach `after` in time; never older rows than the caller has seen.
   */
  @Get()
  @ApiOperation({ operationId: 'listPeers', summary: 'The peers, oldest first' })
  @ApiOkResponse({ type: ListAnswerOf(Peer) })
  async list(@Query() query: PeerListQuery): Promise<Answer<Peer[]> & { next_cursor?: string }> {
    const { data, ...answer } = await this.reads.answer(peerDirectory, query, (db) => listPeers(db, query));
    return { ...answer, data: data.peers, ...(data.next_cursor === null ? {} : { next_cursor: data.next_cursor }) };
  }

  /** GET /api/v1/infrastructure/peers/peer-3f2a91bc04de77a1?after=f81724 -- or 404 `federation.peer-unknown`. */
  @Get(':peer_id')
  @ApiOperation({ operationId: 'getPeer', summary: 'One peer' })
  @ApiOkResponse({ type: AnswerOf(Peer) })
  async get(@Param() { peer_id }: PeerPath, @Query() query: PeerQuery): Promise<Answer<Peer>> {
    const asked = { ...query, peer_id };
    const { data, ...answer } = await this.reads.answer(peerDirectory, asked, (db) => getPeer(db, peer_id));
    if (data === null) throw problemOf(refusals, refuse('federation.peer-unknown', { peer_id }));
    return { ...answer, data };
  }
}
