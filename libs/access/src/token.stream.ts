import { type Instant, streamOf } from '@app/kernel';
import * as events from './events/index.js';

/** What the rules of one service token need to know. `rotated`: another has taken its place, and it opens nothing. */
export type Token = { readonly status: 'unknown' } | { readonly status: 'revoked' } | TokenThatWas;
export interface TokenThatWas extends events.TokenIssued {
  readonly status: 'issued' | 'held' | 'rotated';
  readonly issued_at: Instant;
  /** The token that takes its place; null: none does. With the status `issued` this one still opens what it did, until `ends_at`. */
  readonly next_token_id: events.TokenId | null;
  readonly ends_at: Instant | null;
}

export const token = streamOf('access.token', events).folds<Token>({
  initial: { status: 'unknown' },
  evolve: {
    'access.token.issued': (_token, { data, at }) => ({
      ...data,
      status: 'issued',
      issued_at: at,
      next_token_id: null,
      ends_at: null,
    }),
    'access.token.held': (token) => (token.status === 'issued' ? { ...token, status: 'held' } : token),
    'access.token.released': (token) => (token.status === 'held' ? { ...token, status: 'issued' } : token),
    'access.token.rotated': (token, { data: { next_token_id, ends_at } }) => {
      if (token.status === 'unknown' || token.status === 'revoked') return token;
      return { ...token, next_token_id, ends_at, status: ends_at === null ? 'rotated' : token.status };
    },
    'access.token.revoked': () => ({ status: 'revoked' }),
  },
});
