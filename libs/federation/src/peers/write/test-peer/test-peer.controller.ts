import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';
import { InstanceIdentity } from '@app/event-store';
import { Command, Roles, Takes, problemOf } from '@app/http';
import { IsId, refuse } from '@app/kernel';
import { LinkRpcClient } from '../../link-rpc-client.provider.js';
import { LinkTest } from '../../link-test.view.js';
import { refusals } from '../../refusals.js';
import { TestLink } from './test-link.command.js';

export class PeerToTest {
  @ApiProperty() @IsId() peer_id: string;
}

@Controller('peers')
export class TestPeerController {
  constructor(
    private readonly links: LinkRpcClient,
    private readonly identity: InstanceIdentity,
  ) {}

  /**
   * POST /api/v1/infrastructure/peers/test {"url": "https://lisbon.example", "remote_peer_id": "inst-7f3q", "outbound_secret": "cbfs_..."}
   *
   * Runs the challenge without saving anything on either side. Answers 200 with what came of it; 422 `federation.peer-is-self`, 503
   * `federation.not-running`. In which way an address was not reached is told as the status of a peer tells it: where this instance may go at
   * all, `OutboundGuard` decides.
   */
  @Post('test')
  @HttpCode(200)
  @Roles('operator')
  @Takes(TestLink)
  @ApiOperation({ operationId: 'testLink', summary: 'Try a link before it is saved' })
  @ApiOkResponse({ type: LinkTest })
  async testLink(@Command() { url, remote_peer_id, outbound_secret: secret }: TestLink): Promise<LinkTest> {
    if (remote_peer_id === this.identity.instance_id) throw problemOf(refusals, refuse('federation.peer-is-self', { remote_peer_id }));
    return this.links.testLink({ url, remote_peer_id, secret });
  }

  /**
   * POST /api/v1/infrastructure/peers/peer-3f2a91bc04de77a1/test
   *
   * The same with what is saved. Answers 200; 404 `federation.peer-unknown`, 503 `federation.not-running`.
   */
  @Post(':peer_id/test')
  @HttpCode(200)
  @Roles('operator')
  @ApiOperation({ operationId: 'testPeer', summary: 'Try the link to a peer, and change nothing' })
  @ApiOkResponse({ type: LinkTest })
  testPeer(@Param() { peer_id }: PeerToTest): Promise<LinkTest> {
    return this.links.testPeer(peer_id);
  }
}
