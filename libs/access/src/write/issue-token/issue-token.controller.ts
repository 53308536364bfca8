import { Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import { type CommandKey, type Instant, asId } from '@app/kernel';
import { bindingsOfRole } from '../../events/call-binding.js';
import type { CallerId, TokenId, TokenIssued } from '../../events/index.js';
import { IssuedToken } from '../../issued-token.view.js';
import { NewTokens } from '../../new-tokens.provider.js';
import { refusals } from '../../refusals.js';
import { IssueToken } from './issue-token.command.js';
import { issueToken } from './issue-token.decide.js';

const DAY_MS = 24 * 3_600_000;

@Controller('tokens')
export class IssueTokenController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly tokens: NewTokens,
  ) {}

  /**
   * POST /api/v1/infrastructure/tokens {"name": "nightly backup", "role": "viewer", "expires_in_days": 90}
   *
   * Answers 202, the token, and the position to read after. This is the only time the token is shown. Sent again with the same
   * Idempotency-Key because no answer came, it answers a new token under the same id, and the one before opens nothing; 409
   * `access.token-exists` when that was used or revoked, was issued more than ten minutes ago, or another one is asked for. For
   * admins.
   */
  @Post()
  @ApiOperation({ operationId: 'issueToken' })
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Header('Cache-Control', 'no-store')
  @Takes(IssueToken)
  @ApiAcceptedResponse({ type: IssuedToken })
  async issue(@Command() command: IssueToken, @Actor() actor: string, @CommandId() key: CommandKey): Promise<IssuedToken> {
    const { name, role, expires_in_days, bindings = bindingsOfRole(role) } = command;
    const expires_at = expires_in_days === null ? null : (new Date(Date.now() + expires_in_days * DAY_MS).toISOString() as Instant);
    const token_id = asId<TokenId>(key.commandId); // The same request, the same token.
    const data: TokenIssued = { token_id, name, role, expires_at, caller_id: asId<CallerId>(token_id), bindings };
    const decide = () => this.commands.handle(issueToken, { data, actor, ...key });
    return acceptedOr(refusals, await this.tokens.issue(data, key, decide));
  }
}
