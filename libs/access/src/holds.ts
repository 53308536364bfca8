import { type Guard, type Holdable, idIn } from '@app/kernel';
import { tokenDirectory } from './read/token-directory/token-directory.projection.js';
import type { TokenEntry } from './read/token-directory/token-directory.view.js';
import { closeSession } from './write/close-session/close-session.decide.js';
import { holdToken } from './write/hold-token/hold-token.decide.js';

/** What of this context opens something, for an accept of the log. */
export const holds: readonly Holdable[] = [
  {
    what: 'service tokens',
    model: tokenDirectory,
    rights: ({ token_id, role, expires_at, revoked_at, held_at }: TokenEntry) =>
      new Map(revoked_at === null && (held_at ?? null) === null ? [[token_id, JSON.stringify([role, expires_at])]] : []),
    hold: holdToken,
    of: (token_id) => ({ token_id }),
    about: async (subject) => idIn('access.token', subject).map((token_id) => ({ token_id })),
    named: ({ name, role }: TokenEntry, id) => `${id} ${role} "${name}"`,
  },
];

/** A session cannot be held: it is closed, and its user logs in again. */
export const guards: readonly Guard[] = [
  ...holds,
  { hold: closeSession, about: async (subject) => idIn('access.session', subject).map((session_id) => ({ session_id })) },
];
