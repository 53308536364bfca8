import { asId, newEvent } from '@app/kernel';
import { later, decider } from '@app/kernel/testing';
import { SessionClosed, type SessionId, SessionOpened } from '../../events/index.js';
import { openSession } from './open-session.decide.js';

const about = { session_id: asId<SessionId>('s-1') };
const ask: SessionOpened = { ...about, role: 'admin', expires_at: later(60) };
const opened = newEvent(SessionOpened, ask);

const { given } = decider(openSession);

describe('open-session', () => {
  it('opens it', () => given().when(ask).then(opened));
  it('does not open one twice', () => given(opened).when(ask).refused('access.session-exists'));
  it('does not open a closed one again', () => given(opened, newEvent(SessionClosed, about)).when(ask).refused('access.session-exists'));
});
