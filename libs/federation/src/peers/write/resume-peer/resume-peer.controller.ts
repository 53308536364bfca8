import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { ResumePeer } from './resume-peer.command.js';
import { resumePeer } from './resume-peer.decide.js';

@Controller('peers')
export class ResumePeerController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * POST /api/v1/infrastructure/peers/peer-3f2a91bc04de77a1/resume {}
   *
   * Answers 202 and the position to read after; 404 `federation.peer-unknown`. Safe to repeat: a peer that is not suspended
   * stays as it is, and nothing is written.
   */
  @Post(':peer_id/resume')
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Takes(ResumePeer, 'peer_id')
  @ApiOperation({ operationId: 'resumePeer', summary: 'End the suspension of a peer' })
  @ApiAcceptedResponse({ type: Accepted })
  async resume(@Command() command: ResumePeer, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    return acceptedOr(refusals, await this.commands.handle(resumePeer, { data: command, actor, ...key }));
  }
}
