import { streamOf } from '@app/kernel';
import * as events from './events/index.js';

/** What the rules of one service token need to know. */
export type Token = { status: 'unknown' | 'issued' | 'held' | 'revoked' };

export const token = streamOf('access.token', events).folds<Token>({
  initial: { status: 'unknown' },
  evolve: {
    'access.token.issued': () => ({ status: 'issued' }),
    'access.token.held': (token) => (token.status === 'issued' ? { status: 'held' } : token),
    'access.token.released': (token) => (token.status === 'held' ? { status: 'issued' } : token),
    'access.token.revoked': () => ({ status: 'revoked' }),
  },
});
