import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { SuspendPeer } from './suspend-peer.command.js';
import { suspendPeer } from './suspend-peer.decide.js';

@Controller('peers')
export class SuspendPeerController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * POST /api/v1/infrastructure/peers/peer-3f2a91bc04de77a1/suspend {"note": "key rotation", "until": null}
   *
   * Answers 202 and the position to read after; 404 `federation.peer-unknown`, 422 `federation.until-not-ahead`.
   * Safe to repeat: a peer that is already suspended to the same end stays so, and nothing is written.
   */
  @Post(':peer_id/suspend')
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Takes(SuspendPeer, 'peer_id')
  @ApiOperation({ operationId: 'suspendPeer', summary: 'Stop traffic with a peer' })
  @ApiAcceptedResponse({ type: Accepted })
  async suspend(@Command() command: SuspendPeer, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    return acceptedOr(refusals, await this.commands.handle(suspendPeer, { data: command, actor, ...key }));
  }
}
