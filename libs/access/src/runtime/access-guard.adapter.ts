import { type CanActivate, type ClassProvider, type ExecutionContext, Injectable } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { ROLE, type Role, may } from '@app/http';
import { Bearers } from '../adapters/bearer.adapter.js';
import type { SignIn } from './credentials.adapter.js';
import { problem } from '../adapters/problem.adapter.js';
import { csrfTokenOf, kindOf, sameSecret } from '../adapters/secret.adapter.js';
import { type Cookies, SessionCookie } from '../adapters/session-cookie.adapter.js';
import type { SignedIn } from '../adapters/signed-in.adapter.js';
import { SignIns } from './sign-ins.adapter.js';

interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Of the plugin @fastify/cookie. */
  readonly cookies?: Cookies;
  caller?: SignedIn;
}

/** Who it is, before it is on the request. */
type Known = Omit<SignedIn, 'isStillIn' | 'onEnd'>;

const CHANGES_NOTHING = new Set(['GET', 'HEAD']);

/**
 * Every route of every controller passes here. `@Public()` lets anybody through; `@AnyRole()` every token and session; any other asks for a
 * service token or a session whose role is at least that of `@Roles()`, or `viewer`, which the role `caller` never is. The caller is on the
 * request from here on.
 *
 * An Authorization header decides alone, so that no request is two callers. A browser sends the cookie by itself, also when another
 * site made it ask; so with the cookie, whatever is not GET or HEAD must carry the session's X-CSRF-Token, which no other site can
 * read.
 *
 * 401 `access.login-needed`, 403 `access.csrf`, 403 `access.denied`; 503 `access.unavailable` when PostgreSQL does not answer and the
 * caller was not here shortly before (`SignIns` says how shortly, and how soon a revocation counts).
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly signIns: SignIns,
    private readonly bearers: Bearers,
    private readonly cookie: SessionCookie,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const needed =
      this.reflector.getAllAndOverride<Role | 'any' | 'public' | undefined>(ROLE, [context.getHandler(), context.getClass()]) ?? 'viewer';
    if (needed === 'public') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const caller = await this.callerOf(request);
    if (caller === null) {
      http.getResponse<{ header(name: string, value: string): void }>().header('WWW-Authenticate', 'Bearer'); // RFC 9110: a 401 has one.
      throw problem('access.login-needed');
    }
    if (caller.csrf_token !== null && !CHANGES_NOTHING.has(request.method) && !carries(request, caller.csrf_token))
      throw problem('access.csrf');
    if (needed !== 'any' && !may(caller.role, needed)) throw problem('access.denied', { needed, role: caller.role, actor: caller.actor });
    request.caller = {
      ...caller,
      isStillIn: async () => (await this.callerOf(request)) !== null,
      onEnd: (ended) => this.signIns.onEnd(caller, ended),
    };
    return true;
  }

  private async callerOf({ headers, cookies }: Request): Promise<Known | null> {
    const { authorization } = headers;
    if (authorization === undefined) return this.bySession(this.cookie.in(cookies));
    return signedIn(await this.bearers.of(authorization), null);
  }

  private async bySession(cookie: string): Promise<Known | null> {
    return kindOf(cookie) === 'session' ? signedIn(await this.signIns.of(cookie), csrfTokenOf(cookie)) : null;
  }
}

/** Whoever takes this provider has the guard in front of all its controllers. */
export const guardEveryRoute: ClassProvider<AccessGuard> = { provide: APP_GUARD, useClass: AccessGuard };

const signedIn = (signIn: SignIn | null, csrfToken: string | null): Known | null => signIn && { ...signIn, csrf_token: csrfToken };

function carries({ headers }: Request, csrfToken: string): boolean {
  const sent = headers['x-csrf-token'];
  return typeof sent === 'string' && sameSecret(sent, csrfToken);
}
