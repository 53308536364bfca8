import { Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr, problemOf } from '@app/http';
import { type CommandKey, type Instant, asId, refuse } from '@app/kernel';
import { Credentials } from '../../runtime/credentials.adapter.js';
import { SignIns } from '../../runtime/sign-ins.adapter.js';
import type { TokenId, TokenIssued } from '../../events/index.js';
import { IssuedToken } from '../../issued-token.view.js';
import { NewTokens } from '../../new-tokens.provider.js';
import { refusals } from '../../refusals.js';
import type { TokenThatWas } from '../../token.stream.js';
import { RotateToken } from './rotate-token.command.js';
import { type TokenToRotate, rotateToken } from './rotate-token.decide.js';

const MINUTE_MS = 60_000;

@Controller('tokens')
export class RotateTokenController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly credentials: Credentials,
    private readonly signIns: SignIns,
    private readonly tokens: NewTokens,
  ) {}

  /**
   * POST /api/v1/infrastructure/tokens/7c9e6679-7425-5de5-944b-e07fc1f90ae7/rotate {"overlap_minutes": 60}
   *
   * Answers 202, a new token, and the position to read after. This is the only time the new token is shown. It has the name, the role, the
   * bindings and the caller of the old one, and ends as long after its issue as the old one did after its own. The old one opens nothing from
   * here on, or after `overlap_minutes`. Sent again with the same Idempotency-Key it answers as the issue of a token does: 409
   * `access.token-exists`. 404 `access.token-unknown`, 409 `access.token-not-in-force`. For admins.
   *
   * The row of the old token changes after the fact. Should PostgreSQL not take that, the fact alone ends the old token.
   */
  @Post(':token_id/rotate')
  @ApiOperation({ operationId: 'rotateToken', summary: 'Have a new service token take the place of another' })
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Header('Cache-Control', 'no-store')
  @Takes(RotateToken, 'token_id')
  @ApiAcceptedResponse({ type: IssuedToken })
  async rotate(@Command() command: RotateToken, @Actor() actor: string, @CommandId() key: CommandKey): Promise<IssuedToken> {
    const { token_id, overlap_minutes = 0 } = command;
    const old = await this.tokens.state(token_id, key);
    if (old.status === 'unknown') throw problemOf(refusals, refuse('access.token-unknown', { token_id }));
    if (old.status === 'revoked') throw problemOf(refusals, refuse('access.token-not-in-force', { token_id, status: old.status }));
    const data = rotationOf(old, { token_id, next_token_id: asId<TokenId>(key.commandId), overlapMs: overlap_minutes * MINUTE_MS });
    const decide = () => this.commands.handle(rotateToken, { data, actor, ...key });
    const issued = acceptedOr(refusals, await this.tokens.issue(data.next, key, decide));
    await this.endOld(data);
    return issued;
  }

  private async endOld({ token_id, ends_at }: TokenToRotate): Promise<void> {
    if (ends_at !== null) return this.credentials.endToken(token_id, ends_at);
    await this.credentials.removeToken({ token_id });
    this.signIns.forget(`token:${token_id}`);
  }
}

interface Asked {
  readonly token_id: TokenId;
  readonly next_token_id: TokenId;
  readonly overlapMs: number;
}

/** Of a rotation that was carried out before, the old token ends when it was said to then. */
function rotationOf(old: TokenThatWas, { token_id, next_token_id, overlapMs }: Asked): TokenToRotate {
  const nowMs = Date.now();
  const instant = (ms: number): Instant => new Date(ms).toISOString() as Instant;
  const { name, role, caller_id, bindings, issued_at, expires_at } = old;
  const lifetimeMs = expires_at === null ? null : Date.parse(expires_at) - Date.parse(issued_at);
  const next: TokenIssued = {
    ...{ token_id: next_token_id, name, role, caller_id, bindings },
    expires_at: lifetimeMs === null ? null : instant(nowMs + lifetimeMs),
  };
  const isAgain = old.next_token_id === next_token_id;
  const ends_at = overlapMs === 0 ? null : instant(Math.min(nowMs + overlapMs, Date.parse(expires_at ?? instant(nowMs + overlapMs))));
  return { token_id, next, ends_at: isAgain ? old.ends_at : ends_at };
}
