import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';
import { InstanceIdentity } from '@app/event-store';
import { type Caller, Command, Roles, Takes, may, problemOf } from '@app/http';
import { IsId, refuse } from '@app/kernel';
import { AskFederation } from '../../ask-federation.provider.js';
import { LinkTest } from '../../link-test.view.js';
import { refusals } from '../../refusals.js';
import { TestLink } from './test-link.command.js';

export class PeerToTest {
  @ApiProperty() @IsId() peer_id: string;
}

/** What tells an operator no more than that nobody is there: which port of which machine does what is not theirs to find out here. */
const UNREACHABLE = new Set(['connect_refused', 'dns_failure', 'tls_failure', 'heartbeat_timeout', 'error_rate', 'rate_limited']);

@Controller('peers')
export class TestPeerController {
  constructor(
    private readonly federation: AskFederation,
    private readonly identity: InstanceIdentity,
  ) {}

  /**
   * POST /api/v1/infrastructure/peers/test {"url": "https://lisbon.example", "remote_peer_id": "inst-7f3q", "outbound_secret": "cbfs_..."}
   *
   * Runs the challenge without saving anything on either side. Answers 200 with what came of it; 422 `federation.peer-is-self`, 503
   * `federation.not-running`. Only an admin is told in which way an address was not reached.
   */
  @Post('test')
  @HttpCode(200)
  @Roles('operator')
  @Takes(TestLink)
  @ApiOperation({ operationId: 'testLink', summary: 'Try a link before it is saved' })
  @ApiOkResponse({ type: LinkTest })
  async testLink(
    @Command() { url, remote_peer_id, outbound_secret: secret }: TestLink,
    @Req() { caller }: { caller?: Caller },
  ): Promise<LinkTest> {
    if (remote_peer_id === this.identity.instance_id) throw problemOf(refusals, refuse('federation.peer-is-self', { remote_peer_id }));
    const tested = await this.federation.testLink({ url, remote_peer_id, secret });
    const isTold = caller !== undefined && may(caller.role, 'admin');
    if (isTold || !UNREACHABLE.has(tested.reason ?? '')) return tested;
    return { ...tested, reason: 'unreachable', sentence: 'Nothing answers there as an instance does.' };
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
    return this.federation.testPeer(peer_id);
  }
}
