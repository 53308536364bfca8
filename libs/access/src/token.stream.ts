import { type Instant, streamOf } from '@app/kernel';
import * as events from './events/index.js';

/** What the rules of one service token need to know. */
export type Token = { status: 'unknown' | 'revoked' } | { status: 'issued' | 'held'; issued_at: Instant };

export const token = streamOf('access.token', events).folds<Token>({
  initial: { status: 'unknown' },
  evolve: {
    'access.token.issued': (_token, { at }) => ({ status: 'issued', issued_at: at }),
    'access.token.held': (token) => (token.status === 'issued' ? { ...token, status: 'held' } : token),
    'access.token.released': (token) => (token.status === 'held' ? { ...token, status: 'issued' } : token),
    'access.token.revoked': () => ({ status: 'revoked' }),
  },
});
