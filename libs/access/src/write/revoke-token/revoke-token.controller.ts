import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler, LogUnavailable } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import type { CommandKey } from '@app/kernel';
import { Credentials } from '../../runtime/credentials.adapter.js';
import { SignIns } from '../../runtime/sign-ins.adapter.js';
import { refusals } from '../../refusals.js';
import { OwedRevocations } from './owed-revocations.provider.js';
import { RevokeToken } from './revoke-token.command.js';
import { revokeToken } from './revoke-token.decide.js';

@Controller('tokens')
export class RevokeTokenController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly credentials: Credentials,
    private readonly signIns: SignIns,
    private readonly owed: OwedRevocations,
  ) {}

  /**
   * POST /api/v1/infrastructure/tokens/7c9e6679-7425-5de5-944b-e07fc1f90ae7/revoke
   *
   * Answers 202 and the position to read after; 404 `access.token-unknown`. For admins. The row goes first, so that the token opens
   * nothing from here on even when the log does not answer, or is closed; then the fact follows when it is open. It is safe to repeat, and the fact is written once.
   */
  @Post(':token_id/revoke')
  @ApiOperation({ operationId: 'revokeToken' })
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Takes(RevokeToken, 'token_id')
  @ApiAcceptedResponse({ type: Accepted })
  async revoke(@Command() command: RevokeToken, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    await this.credentials.removeToken({ token_id: command.token_id });
    this.signIns.forget(`token:${command.token_id}`);
    try {
      return acceptedOr(refusals, await this.commands.handle(revokeToken, { data: command, actor, ...key }));
    } catch (error) {
      if (error instanceof LogUnavailable) await this.owed.owe({ token_id: command.token_id, actor, command_id: key.commandId });
      throw error;
    }
  }
}
