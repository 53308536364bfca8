import { Injectable } from '@nestjs/common';
import { InstanceIdentity } from '@app/event-store';
import type { Instant } from '@app/kernel';

/** How this context is set up; the process that takes it provides one. */
export abstract class AccessOptions {
  /** Whether operators come by https. Then the cookie is never sent without; over http browsers would not keep such a cookie. */
  abstract readonly secureCookie: boolean;
}

/** What the plugin @fastify/cookie adds to a reply. */
export interface CookieReply {
  setCookie(name: string, value: string, options: object): unknown;
  clearCookie(name: string, options: object): unknown;
}
/** And to a request. */
export type Cookies = Readonly<Record<string, string | undefined>>;

/**
 * The cookie of a session: no script can read it, no other site has it sent along, and it lives as long as the session.
 *
 * A browser sends a cookie to every port of a host. So its name holds the id of the instance, and two instances on one host do not
 * overwrite each other's; where operators come by https it begins with `__Host-`, which no other host and no plain http can set.
 */
@Injectable()
export class SessionCookie {
  constructor(
    private readonly options: AccessOptions,
    private readonly instance: InstanceIdentity,
  ) {}

  get name(): string {
    return `${this.options.secureCookie ? '__Host-' : ''}cb_session_${this.instance.instance_id}`;
  }

  /** '' where there is none. */
  in(cookies: Cookies | undefined): string {
    return cookies?.[this.name] ?? '';
  }

  set(reply: CookieReply, secret: string, expiresAt: Instant): void {
    reply.setCookie(this.name, secret, { ...this.attributes, expires: new Date(expiresAt) });
  }

  clear(reply: CookieReply): void {
    reply.clearCookie(this.name, this.attributes);
  }

  private get attributes(): object {
    return { httpOnly: true, sameSite: 'strict', path: '/', secure: this.options.secureCookie };
  }
}
