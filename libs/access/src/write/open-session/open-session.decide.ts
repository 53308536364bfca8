import { type Decider, newEvent, refuse } from '@app/kernel';
import { SessionOpened } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import { type Session, session } from '../../session.stream.js';

type No = Refused<'access.session-exists'>;

/** What is asked is what happens: the endpoint has taken the login code, which knew the role. */
export const openSession: Decider<Session, SessionOpened, typeof SessionOpened, No> = {
  on: ({ session_id }) => session.of(session_id),
  decide: ({ status }, { data }) =>
    status === 'unknown' ? [newEvent(SessionOpened, data)] : refuse('access.session-exists', { session_id: data.session_id }),
};
