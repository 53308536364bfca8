import { type Guard, type Holdable, idIn } from '@app/kernel';
import { type CallBinding, bindingsOfRole } from './events/call-binding.js';
import { tokenDirectory } from './read/token-directory/token-directory.projection.js';
import type { TokenRow } from './read/token-directory/token-directory.view.js';
import { closeSession } from './write/close-session/close-session.decide.js';
import { holdToken } from './write/hold-token/hold-token.decide.js';

/** Rows of earlier releases lack some columns. */
const hasRights = ({ revoked_at, held_at }: TokenRow): boolean => revoked_at === null && (held_at ?? null) === null;
const rightsOf = ({ role, expires_at, bindings, ends_at }: Partial<TokenRow>): string =>
  JSON.stringify([role, expires_at, boundAs(bindings ?? bindingsOfRole(role ?? '')), ends_at ?? null]);
/** A text that does not depend on the order in which a store keeps the fields. */
const boundAs = (bindings: readonly CallBinding[]): unknown[] =>
  bindings.map(({ peer_id, agent, method_class }) => [peer_id, agent, method_class]);

/** What of this context opens something, for an accept of the log. */
export const holds: readonly Holdable[] = [
  {
    what: 'service tokens',
    model: tokenDirectory,
    rights: (row: TokenRow) => new Map(hasRights(row) ? [[row.token_id, rightsOf(row)]] : []),
    hold: holdToken,
    of: (token_id) => ({ token_id }),
    about: async (subject) => idIn('access.token', subject).map((token_id) => ({ token_id })),
    named: ({ name, role }: TokenRow, id) => `${id} ${role} "${name}"`,
  },
];

/** A session cannot be held: it is closed, and its user logs in again. */
export const guards: readonly Guard[] = [
  ...holds,
  { hold: closeSession, about: async (subject) => idIn('access.session', subject).map((session_id) => ({ session_id })) },
];
