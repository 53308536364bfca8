import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Which of the three a secret is, by how it begins; a scanner of leaked secrets finds them by it. */
const PREFIX = { token: 'cb_srv_', session: 'cb_ses_', login: 'cb_login_' } as const;
const SIGN_IN = /^cb_(srv|ses)_[A-Za-z0-9_-]{43}$/;

/** A new one, of 256 random bits. It is shown or set once and kept nowhere. */
export const newSecret = (kind: keyof typeof PREFIX): string => PREFIX[kind] + randomBytes(32).toString('base64url');

/** What a request signs in with, by its form; null: neither. */
export function kindOf(secret: string): 'token' | 'session' | null {
  const [, kind] = SIGN_IN.exec(secret) ?? [];
  if (kind === undefined) return null;
  return kind === 'srv' ? 'token' : 'session';
}

/** What is kept of a secret, and looked up: how long a lookup takes tells of the hash, which nobody can steer. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Proves that who sends it can read what this origin answers. Follows from the session's secret, so nothing needs to be kept. */
export const csrfTokenOf = (sessionSecret: string): string => createHmac('sha256', sessionSecret).update('cb-csrf-v1').digest('base64url');

/** In a time that tells nothing about where they differ. */
export function sameSecret(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
