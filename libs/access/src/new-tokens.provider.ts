import { Injectable } from '@nestjs/common';
import { CommandHandler, wroteNothing } from '@app/event-store';
import { type CommandKey, type Refusal, isRefusal, refuse } from '@app/kernel';
import { Credentials } from './runtime/credentials.adapter.js';
import { KnownSecrets } from './runtime/known-secrets.adapter.js';
import { hashOf, newSecret } from './adapters/secret.adapter.js';
import type { TokenId, TokenIssued } from './events/index.js';
import type { Refused } from './refusals.js';
import { type Token, token as tokenStream } from './token.stream.js';

/** Age up to which a token that was never used is issued again under the same key. */
const REISSUE_MS = 600_000;

/** A new service token, the only time that its secret is known. */
export interface NewToken {
  readonly position: string;
  readonly token_id: TokenId;
  readonly token: string;
}

/**
 * Issues service tokens.
 *
 * The row is written before the fact: a token that works without anybody having been told of it is harmless, one that is told of
 * and does not work is not. Where no fact was written the row is removed. Where that is not certain it stays, for the same request
 * to be sent again.
 */
@Injectable()
export class NewTokens {
  constructor(
    private readonly commands: CommandHandler,
    private readonly credentials: Credentials,
    private readonly secrets: KnownSecrets,
  ) {}

  /** `decide` writes the fact; it must do so once, however often it is asked. Throws `KeyReused` before a secret is replaced. */
  async issue(
    data: TokenIssued,
    key: CommandKey,
    decide: () => Promise<{ position: string } | Refusal<Refused>>,
  ): Promise<NewToken | Refusal<Refused>> {
    const { token_id, role, expires_at, caller_id, bindings } = data;
    const token = newSecret('token');
    const outcome = await this.record(data, hashOf(token), key, decide);
    if (isRefusal(outcome)) return outcome;
    this.secrets.keep(hashOf(token), { actor: `token:${token_id}`, role, expires_at, caller_id, bindings });
    return { position: outcome.position, token_id, token };
  }

  /** Throws `KeyReused` where its facts are those of `repeats` for another request. */
  state(tokenId: TokenId, repeats: CommandKey): Promise<Token> {
    return this.commands.read(tokenStream.of(tokenId), { repeats });
  }

  private async record(
    data: TokenIssued,
    hash: string,
    key: CommandKey,
    decide: () => Promise<{ position: string } | Refusal<Refused>>,
  ): Promise<{ position: string } | Refusal<Refused>> {
    const { token_id } = data;
    const row = { ...data, hash };
    const exists = refuse('access.token-exists', { token_id });
    const known = await this.state(token_id, key);
    const isAgain = known.status === 'issued';
    if (known.status !== 'unknown' && !isAgain) return exists;
    if (isAgain && Date.now() - Date.parse(known.issued_at) >= REISSUE_MS) return exists;
    if (!(await (isAgain ? this.credentials.replaceToken(row) : this.credentials.keepToken(row)))) return exists;
    let mayHaveFact = isAgain;
    try {
      // The event store takes a command it has carried out for done; here that could give a revoked token a new secret.
      if (!isAgain && (await this.state(token_id, key)).status !== 'unknown') return exists;
      const outcome = await decide();
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
}
