import { Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler, wroteNothing } from '@app/event-store';
import { Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import { type CommandKey, type Instant, type Refusal, asId, isRefusal, refuse } from '@app/kernel';
import { Credentials } from '../../adapters/credentials.adapter.js';
import { KnownSecrets } from '../../adapters/known-secrets.adapter.js';
import { hashOf, newSecret } from '../../adapters/secret.adapter.js';
import type { TokenId, TokenIssued } from '../../events/index.js';
import { refusals } from '../../refusals.js';
import { type Token, token as tokenStream } from '../../token.stream.js';
import { IssueToken } from './issue-token.command.js';
import { issueToken } from './issue-token.decide.js';
import { IssuedToken } from './issue-token.view.js';

const DAY_MS = 24 * 3_600_000;
/** Age up to which a token that was never used is issued again under the same key. */
const REISSUE_MS = 600_000;

@Controller('tokens')
export class IssueTokenController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly credentials: Credentials,
    private readonly secrets: KnownSecrets,
  ) {}

  /**
   * POST /api/v1/infrastructure/tokens {"name": "nightly backup", "role": "viewer", "expires_in_days": 90}
   *
   * Answers 202, the token, and the position to read after. This is the only time the token is shown. Sent again with the same
   * Idempotency-Key because no answer came, it answers a new token under the same id, and the one before opens nothing; 409
   * `access.token-exists` when that was used or revoked, was issued more than ten minutes ago, or another one is asked for. For
   * admins.
   *
   * The row is written before the fact: a token that works without anybody having been told of it is harmless, one that is told of
   * and does not work is not. Where no fact was written the row is removed. Where that is not certain it stays, for the same request
   * to be sent again.
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
    const { name, role, expires_in_days } = command;
    const expires_at = expires_in_days === null ? null : (new Date(Date.now() + expires_in_days * DAY_MS).toISOString() as Instant);
    const data: TokenIssued = { token_id: asId<TokenId>(key.commandId), name, role, expires_at }; // The same request, the same token.
    const token = newSecret('token');
    const { position } = acceptedOr(refusals, await this.record(data, hashOf(token), actor, key));
    this.secrets.keep(hashOf(token), { actor: `token:${data.token_id}`, role, expires_at });
    return { position, token_id: data.token_id, token };
  }

  private async record(data: TokenIssued, hash: string, actor: string, key: CommandKey): Promise<{ position: string } | Refusal> {
    const { token_id } = data;
    const row = { ...data, hash };
    const exists = refuse('access.token-exists', { token_id });
    const known = await this.state(token_id, key);
    if (known.status === 'revoked') return exists;
    const isAgain = known.status === 'issued';
    if (isAgain && Date.now() - Date.parse(known.issued_at) >= REISSUE_MS) return exists;
    if (!(await (isAgain ? this.credentials.replaceToken(row) : this.credentials.keepToken(row)))) return exists;
    let mayHaveFact = isAgain;
    try {
      // The event store takes a command it has carried out for done; here that could give a revoked token a new secret.
      if (!isAgain && (await this.state(token_id, key)).status !== 'unknown') return exists;
      const outcome = await this.commands.handle(issueToken, { data, actor, ...key });
      mayHaveFact = !isRefusal(outcome);
      return isRefusal(outcome) || (await this.credentials.hasToken({ token_id, hash })) ? outcome : exists; // Or it was overtaken.
    } catch (error) {
      mayHaveFact ||= !wroteNothing(error);
      throw error;
    } finally {
      // Nobody has seen the secret: a row that cannot be removed opens nothing, and must not hide what went wrong.
      if (!mayHaveFact) await this.credentials.removeToken({ token_id, hash }).catch(() => undefined);
    }
  }

  private state(tokenId: TokenId, repeats: CommandKey): Promise<Token> {
    return this.commands.read(tokenStream.of(tokenId), { repeats });
  }
}
