import type { Instant } from '@app/kernel';

export const SESSION_COOKIE = 'cb_session';

/** How this room is set up; the process that takes it provides one. */
export abstract class AccessOptions {
  /** Whether operators come by https. Then the cookie is never sent without; over http browsers would not keep such a cookie. */
  abstract readonly secureCookie: boolean;
}

/** What the plugin @fastify/cookie adds to a reply. */
export interface CookieReply {
  setCookie(name: string, value: string, options: object): unknown;
  clearCookie(name: string, options: object): unknown;
}

/** No script can read it, no other site has it sent along, and it lives as long as the session. */
const attributes = ({ secureCookie }: AccessOptions) => ({ httpOnly: true, sameSite: 'strict', path: '/', secure: secureCookie });

export const setSessionCookie = (reply: CookieReply, options: AccessOptions, secret: string, expiresAt: Instant): void =>
  void reply.setCookie(SESSION_COOKIE, secret, { ...attributes(options), expires: new Date(expiresAt) });

export const clearSessionCookie = (reply: CookieReply, options: AccessOptions): void =>
  void reply.clearCookie(SESSION_COOKIE, attributes(options));
