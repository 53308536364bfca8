import { streamOf } from '@app/kernel';
import * as events from './events/index.js';

/** What the rules of one service token need to know. */
export type Token = { status: 'unknown' | 'issued' | 'revoked' };

export const token = streamOf('access.token', events).folds<Token>({
  initial: { status: 'unknown' },
  evolve: {
    'access.token.issued': () => ({ status: 'issued' }),
    'access.token.revoked': () => ({ status: 'revoked' }),
  },
});
