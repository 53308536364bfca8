import { Controller, HttpCode, Patch } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { EditPeer } from './edit-peer.command.js';
import { editPeer } from './edit-peer.decide.js';

@Controller('peers')
export class EditPeerController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * PATCH /api/v1/infrastructure/peers/peer-3f2a91bc04de77a1 {"label": "Lisbon, third hall"}
   *
   * Answers 202 and the position to read after; 404 `federation.peer-unknown`. Safe to repeat.
   */
  @Patch(':peer_id')
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Takes(EditPeer, 'peer_id')
  @ApiOperation({ operationId: 'editPeer', summary: 'Give a peer another label' })
  @ApiAcceptedResponse({ type: Accepted })
  async edit(@Command() command: EditPeer, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    return acceptedOr(refusals, await this.commands.handle(editPeer, { data: command, actor, ...key }));
  }
}
