import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { LinkRpcClient } from '../../link-rpc-client.provider.js';
import { refusals } from '../../refusals.js';
import { PinPeerKey } from './pin-peer-key.command.js';
import { pinPeerKey } from './pin-peer-key.decide.js';

@Controller('peers')
export class PinPeerKeyController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly links: LinkRpcClient,
  ) {}

  /**
   * POST /api/v1/infrastructure/peers/peer-3f2a91bc04de77a1/pin {"fingerprint": "21fe-31df-a154-a261-626b-f854-046f-d227"}
   *
   * Confirms the key that the peer shows now, instead of the one that is pinned. Answers 202 and the position to read after; 404
   * `federation.peer-unknown`, 409 `federation.key-not-shown` and `federation.key-differs`, 503 `federation.not-running`. Safe to repeat.
   */
  @Post(':peer_id/pin')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Takes(PinPeerKey, 'peer_id')
  @ApiOperation({ operationId: 'pinPeerKey', summary: "Confirm a peer's instance key" })
  @ApiAcceptedResponse({ type: Accepted })
  async pin(@Command() command: PinPeerKey, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    const { key: shown } = await this.links.shownKey(command.peer_id);
    return acceptedOr(refusals, await this.commands.handle(pinPeerKey, { data: { ...command, shown }, actor, ...key }));
  }
}
