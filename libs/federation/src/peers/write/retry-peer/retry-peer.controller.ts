import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';
import { Roles } from '@app/http';
import { IsId } from '@app/kernel';
import { LinkRpcClient } from '../../link-rpc-client.provider.js';
import { LinkTest } from '../../link-test.view.js';

export class PeerToRetry {
  @ApiProperty() @IsId() peer_id: string;
}

@Controller('peers')
export class RetryPeerController {
  constructor(private readonly links: LinkRpcClient) {}

  /**
   * POST /api/v1/infrastructure/peers/peer-3f2a91bc04de77a1/retry
   *
   * The next attempt is made now, and the back-off begins anew. Answers 200 with what came of it; 404 `federation.peer-unknown`, 503
   * `federation.not-running`.
   */
  @Post(':peer_id/retry')
  @HttpCode(200)
  @Roles('operator')
  @ApiOperation({ operationId: 'retryPeer', summary: 'Try to reach a peer now' })
  @ApiOkResponse({ type: LinkTest })
  retry(@Param() { peer_id }: PeerToRetry): Promise<LinkTest> {
    return this.links.retryPeer(peer_id);
  }
}
