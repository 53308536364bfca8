import type { Holdable } from '@app/kernel';
import { tokenDirectory } from './read/token-directory/token-directory.projection.js';
import type { TokenEntry } from './read/token-directory/token-directory.view.js';
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
    named: ({ name, role }: TokenEntry, id) => `${id} ${role} "${name}"`,
  },
];
