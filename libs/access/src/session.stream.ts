import { streamOf } from '@app/kernel';
import * as events from './events/index.js';

/** What the rules of one login session need to know. One that ran out is still open here: nobody closed it. */
export type Session = { status: 'unknown' | 'open' | 'closed' };

export const session = streamOf('access.session', events).folds<Session>({
  initial: { status: 'unknown' },
  evolve: {
    'access.session.opened': () => ({ status: 'open' }),
    'access.session.closed': () => ({ status: 'closed' }),
  },
});
