import { asId, newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { SessionClosed, type SessionId, SessionOpened } from '../../events/index.js';
import { closeSession } from './close-session.decide.js';

const about = { session_id: asId<SessionId>('s-1') };
const opened = newEvent(SessionOpened, { ...SessionOpened.example, ...about });
const closed = newEvent(SessionClosed, about);

const { given } = decider(closeSession);

describe('close-session', () => {
  it('closes an open session', () => given(opened).when(about).then(closed));
  it('may be asked twice', () => given(opened, closed).when(about).then());
  it('refuses one nobody opened', () => given().when(about).refused('access.session-unknown'));
});
