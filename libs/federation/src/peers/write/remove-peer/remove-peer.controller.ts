import { Controller, Delete, HttpCode } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, acceptedOr, problemOf } from '@app/http';
import { type CommandKey, refuse } from '@app/kernel';
import { peer } from '../../peer.stream.js';
import { refusals } from '../../refusals.js';
import { RemovePeer } from './remove-peer.command.js';
import { removePeer } from './remove-peer.decide.js';

@Controller('peers')
export class RemovePeerController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * DELETE /api/v1/infrastructure/peers/peer-3f2a91bc04de77a1
   *
   * Answers 202 and the position to read after; 404 `federation.peer-unknown`. Safe to repeat. The peer's secret goes with the
   * next sweep.
   */
  @Delete(':peer_id')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @ApiParam({ name: 'peer_id' })
  @ApiOperation({ operationId: 'removePeer', summary: 'Remove a peer for good' })
  @ApiAcceptedResponse({ type: Accepted })
  async remove(@Command() command: RemovePeer, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    const { peer_id } = command;
    const known = await this.commands.read(peer.of(peer_id), { passesUnreadable: true });
    if (known.status === 'unknown') throw problemOf(refusals, refuse('federation.peer-unknown', { peer_id }));
    const data = { peer_id, remote_peer_id: known.remote_peer_id };
    return acceptedOr(refusals, await this.commands.handle(removePeer, { data, actor, ...key }));
  }
}
