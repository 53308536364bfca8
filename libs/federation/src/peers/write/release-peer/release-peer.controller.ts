import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { ReleasePeer } from './release-peer.command.js';
import { releasePeer } from './release-peer.decide.js';

@Controller('peers')
export class ReleasePeerController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * POST /api/v1/infrastructure/peers/peer-3f2a91bc04de77a1/release {}
   *
   * Answers 202 and the position to read after; 404 `federation.peer-unknown`. For admins. Safe to repeat: what is not held stays as it is, and nothing
   * is written.
   */
  @Post(':peer_id/release')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Takes(ReleasePeer, 'peer_id')
  @ApiOperation({ operationId: 'releasePeer', summary: 'Release a peer that is held' })
  @ApiAcceptedResponse({ type: Accepted })
  async release(@Command() command: ReleasePeer, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    return acceptedOr(refusals, await this.commands.handle(releasePeer, { data: command, actor, ...key }));
  }
}
