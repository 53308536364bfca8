import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { ReleaseToken } from './release-token.command.js';
import { releaseToken } from './release-token.decide.js';

@Controller('tokens')
export class ReleaseTokenController {
  constructor(private readonly commands: CommandHandler) {}

  /**
   * POST /api/v1/infrastructure/tokens/7c9e6679-7425-5de5-944b-e07fc1f90ae7/release {}
   *
   * Answers 202 and the position to read after; 404 `access.token-unknown`. For admins. Safe to repeat: what is not held stays as it is, and nothing
   * is written.
   */
  @Post(':token_id/release')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Takes(ReleaseToken, 'token_id')
  @ApiOperation({ operationId: 'releaseToken', summary: 'Release a service token that is held' })
  @ApiAcceptedResponse({ type: Accepted })
  async release(@Command() command: ReleaseToken, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    return acceptedOr(refusals, await this.commands.handle(releaseToken, { data: command, actor, ...key }));
  }
}
