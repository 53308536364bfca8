import type { RefusalCatalogue } from '@app/kernel';

/** Every no of this context's rules. The code is public and never changes; the words may. What the guard says is in `problems.ts`. */
export const refusals = {
  'access.token-unknown': {
    kind: 'not-found',
    title: 'Token unknown',
    detail: 'No service token {token_id} was ever issued.',
    next: 'List the tokens to see which there are.',
  },
  'access.token-exists': {
    kind: 'conflict',
    title: 'Token already issued',
    detail: 'This Idempotency-Key issued the token {token_id}; it was used or revoked, is older than ten minutes, or was another.',
    next: 'If it is lost, revoke it and issue another under a new Idempotency-Key.',
  },
  'access.token-not-in-force': {
    kind: 'conflict',
    title: 'Token not in force',
    detail: 'The token {token_id} is {status}, so no other takes its place.',
    next: 'Rotate the token that took its place, release one that is held, or issue another.',
  },
  'access.session-exists': {
    kind: 'conflict',
    title: 'Session already opened',
    detail: 'The session {session_id} was opened before.',
    next: 'Sign in again with a new login code.',
  },
  'access.session-unknown': {
    kind: 'not-found',
    title: 'Session unknown',
    detail: 'No session {session_id} was ever opened.',
    next: 'Nothing needs to be closed.',
  },
  'access.no-session': {
    kind: 'conflict',
    title: 'No session to close',
    detail: 'The request was made with a service token, and there is no session to close.',
    next: 'To end the token, let an admin revoke it.',
  },
} as const satisfies RefusalCatalogue<'access'>;

/** Codes of this catalogue; without a parameter all of them. */
export type Refused<Code extends keyof typeof refusals = keyof typeof refusals> = Code;
