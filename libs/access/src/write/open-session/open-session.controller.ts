import { randomUUID } from 'node:crypto';
import { Body, Controller, Header, HttpCode, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { BodyBytes, ClientAddress, Public, type Role, acceptedOr, networkOf } from '@app/http';
import { type Instant, asId } from '@app/kernel';
import { Credentials } from '../../runtime/credentials.adapter.js';
import { KnownSecrets } from '../../runtime/known-secrets.adapter.js';
import { problem } from '../../adapters/problem.adapter.js';
import { csrfTokenOf, hashOf, newSecret } from '../../adapters/secret.adapter.js';
import { type CookieReply, SessionCookie } from '../../adapters/session-cookie.adapter.js';
import type { SessionId } from '../../events/index.js';
import type { SessionRow } from '../../private/session.entity.js';
import { refusals } from '../../refusals.js';
import { SignedInView } from '../../signed-in.view.js';
import { Attempts } from './attempts.js';
import { OpenSession } from './open-session.command.js';
import { openSession } from './open-session.decide.js';

const SESSION_MS = 12 * 3_600_000;
/** Anybody may send it. A login code has 52 characters. */
const LOGIN_BYTES = 1_024;

interface Reply extends CookieReply {
  header(name: string, value: string): unknown;
}

@Controller('session')
export class OpenSessionController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly credentials: Credentials,
    private readonly cookie: SessionCookie,
    private readonly attempts: Attempts,
    private readonly secrets: KnownSecrets,
  ) {}

  /**
   * POST /api/v1/infrastructure/session {"code": "cb_login_..."}
   *
   * Takes 1 KiB. Answers 201, sets the cookie of a session of 12 hours and says its X-CSRF-Token. 401 `access.code-invalid`: unknown, used or
   * expired; after ten of those within a minute from one address, 429 `http.429` with Retry-After, before the code is looked at.
   *
   * A code opens one session. When the log does not answer there is no session, and the code is good for another try.
   */
  @Post()
  @ApiOperation({ operationId: 'openSession' })
  @HttpCode(201)
  @Public()
  @BodyBytes(LOGIN_BYTES)
  @Header('Cache-Control', 'no-store')
  @ApiCreatedResponse({ type: SignedInView })
  async open(
    @Body() { code }: OpenSession,
    @ClientAddress() client: string,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<SignedInView> {
    const address = networkOf(client);
    const waitMs = this.attempts.begin(address, Date.now());
    if (waitMs > 0) throw tooMany(address, Math.ceil(waitMs / 1_000), reply);
    const secret = newSecret('session');
    const opened = await this.openBy(hashOf(code), hashOf(secret), address);
    this.secrets.keep(hashOf(secret), { ...opened, caller_id: null, bindings: [] });
    this.cookie.set(reply, secret, opened.expires_at);
    return { ...opened, csrf_token: csrfTokenOf(secret) };
  }

  private async openBy(
    codeHash: string,
    hash: string,
    address: string,
  ): Promise<Omit<SignedInView, 'csrf_token'> & { expires_at: Instant }> {
    const session_id = asId<SessionId>(randomUUID());
    const now = Date.now();
    const expires_at = new Date(now + SESSION_MS).toISOString() as Instant;
    const role = await this.redeem(codeHash, { session_id, hash, expires_at }, new Date(now).toISOString() as Instant, address);
    const actor = `session:${session_id}`;
    try {
      acceptedOr(refusals, await this.commands.handle(openSession, { data: { session_id, role, expires_at }, actor }));
    } catch (error) {
      await this.credentials.giveBack(codeHash, session_id).catch(() => undefined); // What went wrong first is what is said.
      throw error;
    }
    return { actor, role, expires_at };
  }

  private async redeem(codeHash: string, session: Omit<SessionRow, 'role'>, now: Instant, address: string): Promise<Role> {
    let wrong = false;
    try {
      const role = await this.credentials.redeem(codeHash, session, now);
      wrong = role === null;
      if (role === null) throw problem('access.code-invalid');
      return role;
    } finally {
      if (!wrong) this.attempts.forgive(address); // Nor is it the caller's failure that PostgreSQL did not answer.
    }
  }
}

function tooMany(address: string, seconds: number, reply: Reply): Error {
  reply.header('Retry-After', String(seconds));
  return problem('http.429', { address, retry_after_s: seconds });
}
