import { type Instant, type Decider, newEvent, refuse, together } from '@app/kernel';
import { type TokenId, TokenIssued, TokenRotated } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import { type Token, token } from '../../token.stream.js';

/** The endpoint has named the new token and filled it in from the old one. */
export interface TokenToRotate {
  readonly token_id: TokenId;
  /** null: the old one ends at once. */
  readonly ends_at: Instant | null;
  readonly next: TokenIssued;
}

type No = Refused<'access.token-unknown' | 'access.token-not-in-force' | 'access.token-exists'>;

export const rotateToken: Decider<{ old: Token; next: Token }, TokenToRotate, typeof TokenIssued | typeof TokenRotated, No> = {
  on: ({ token_id, next }) => together({ old: token.of(token_id), next: token.of(next.token_id) }),
  decide: ({ old, next }, { data: { token_id, ends_at, next: issued } }) => {
    if (old.status === 'unknown') return refuse('access.token-unknown', { token_id });
    const next_token_id = issued.token_id;
    if (next.status !== 'unknown') {
      const isAgain = old.status !== 'revoked' && old.next_token_id === next_token_id;
      return isAgain ? [] : refuse('access.token-exists', { token_id: next_token_id });
    }
    if (old.status !== 'issued') return refuse('access.token-not-in-force', { token_id, status: old.status });
    if (old.next_token_id !== null) return refuse('access.token-not-in-force', { token_id, status: 'rotated' });
    return [newEvent(TokenRotated, { token_id, next_token_id, ends_at }), newEvent(TokenIssued, issued)];
  },
};
