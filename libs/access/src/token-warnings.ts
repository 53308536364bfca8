import type { TokenRow } from './read/token-directory/token-directory.view.js';

type TokenState = Pick<TokenRow, 'role' | 'revoked_at' | 'ends_at'>;

/** What goes on working of a token, and will not in a later release. A token that ended needs nothing. */
export function warningsOf({ role, revoked_at, ends_at }: TokenState): string[] {
  if (revoked_at !== null || ends_at !== null || (role !== 'operator' && role !== 'admin')) return [];
  return [
    `It may call the agents of peers, as its role is ${role}. A later release lets only tokens of the role caller do that. Give a program that ` +
      `calls one of its own: ap auth token create <name> --role caller --bind <peer_id>`,
  ];
}
