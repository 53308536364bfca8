import { Injectable } from '@nestjs/common';
import { bearerIn } from '../adapters/bearer.adapter.js';
import { KnownSecrets } from './known-secrets.adapter.js';
import { type Cookies, SessionCookie } from '../adapters/session-cookie.adapter.js';

/** Tells the requests of callers from those of strangers, by what they carry and without asking anybody. For limits, not for rights. */
@Injectable()
export class KnownCallers {
  constructor(
    private readonly secrets: KnownSecrets,
    private readonly cookie: SessionCookie,
  ) {}

  /** `token:<token_id>` or `session:<session_id>`; null: a stranger. */
  of({
    headers,
    cookies,
  }: {
    readonly headers: { readonly authorization?: string | undefined };
    readonly cookies?: Cookies;
  }): string | null {
    const { authorization } = headers;
    return this.secrets.actorOf(authorization === undefined ? this.cookie.in(cookies) : bearerIn(authorization));
  }
}
