import { Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import { type Instant, type Refusal, asId, isRefusal, refuse } from '@app/kernel';
import { Credentials } from '../../adapters/credentials.adapter.js';
import { hashOf, newSecret } from '../../adapters/secret.adapter.js';
import type { TokenId, TokenIssued } from '../../events/index.js';
import { refusals } from '../../refusals.js';
import { token as tokenStream } from '../../token.stream.js';
import { IssueToken } from './issue-token.command.js';
import { issueToken } from './issue-token.decide.js';
import { IssuedToken } from './issue-token.view.js';

const DAY_MS = 24 * 3_600_000;

@Controller('tokens')
export class IssueTokenController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly credentials: Credentials,
  ) {}

  /**
   * POST /api/v1/infrastructure/tokens {"name": "nightly backup", "role": "viewer", "expires_in_days": 90}
   *
   * Answers 202, the token, and the position to read after. This is the only time the token is shown; sent again with the same
   * Idempotency-Key, 409 `access.token-exists`. For admins.
   *
   * The row is written before the fact: a token that works without anybody having been told of it is harmless, one that is told of
   * and does not work is not. Whatever goes wrong, the token is not shown, and its row is removed.
   */
  @Post()
  @ApiOperation({ operationId: 'issueToken' })
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Header('Cache-Control', 'no-store')
  @Takes(IssueToken)
  @ApiAcceptedResponse({ type: IssuedToken })
  async issue(@Command() command: IssueToken, @Actor() actor: string, @CommandId() commandId: string): Promise<IssuedToken> {
    const { name, role, expires_in_days } = command;
    const expires_at = expires_in_days === null ? null : (new Date(Date.now() + expires_in_days * DAY_MS).toISOString() as Instant);
    const data: TokenIssued = { token_id: asId<TokenId>(commandId), name, role, expires_at }; // The same request, the same token.
    const token = newSecret('token');
    const { position } = acceptedOr(refusals, await this.record(data, hashOf(token), actor));
    return { position, token_id: data.token_id, token };
  }

  private async record(data: TokenIssued, hash: string, actor: string): Promise<{ position: string } | Refusal> {
    const { token_id } = data;
    if (!(await this.credentials.addToken({ ...data, hash }))) return refuse('access.token-exists', { token_id });
    let kept = false;
    try {
      // The event store takes a command it has carried out for done; here that would give a revoked token a new secret.
      const { status } = await this.commands.read(tokenStream.of(token_id));
      if (status !== 'unknown') return refuse('access.token-exists', { token_id });
      const outcome = await this.commands.handle(issueToken, { data, actor, commandId: token_id });
      kept = !isRefusal(outcome);
      return outcome;
    } finally {
      // Nobody has seen the secret: a row that cannot be removed opens nothing, and must not hide what went wrong.
      if (!kept) await this.credentials.removeToken(token_id).catch(() => undefined);
    }
  }
}
