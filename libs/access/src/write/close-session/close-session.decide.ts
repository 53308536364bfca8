import { type Decider, newEvent, refuse } from '@app/kernel';
import { SessionClosed } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import { type Session, session } from '../../session.stream.js';
import type { CloseSession } from './close-session.command.js';

type No = Refused<'access.session-unknown'>;

export const closeSession: Decider<Session, CloseSession, typeof SessionClosed, No> = {
  on: ({ session_id }) => session.of(session_id),
  passesUnreadable: true,
  decide: ({ status }, { data: { session_id } }) => {
    switch (status) {
      case 'unknown':
        return refuse('access.session-unknown', { session_id });
      case 'closed':
        return []; // Two tabs may sign out at once.
      case 'open':
        return [newEvent(SessionClosed, { session_id })];
    }
  },
};
