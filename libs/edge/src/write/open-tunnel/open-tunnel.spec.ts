import { decider } from '@app/kernel/testing';
import { connected, disconnected, session, superseded } from '../../../testing/index.js';
import { openTunnel } from './open-tunnel.decide.js';

const { epoch: _, ...second } = connected(2).data;
const { epoch: __, ...first } = connected(1).data;
const { given } = decider(openTunnel);
const lost = disconnected(1, { reason: 'server_lost', close_code: null, connected_ms: null });

describe('open-tunnel', () => {
  it('opens the first', () =>
    given()
      .when({ ...first, held: null })
      .then(connected(1)));
  it('opens the next after one that ended', () =>
    given(connected(1), disconnected(1))
      .when({ ...second, held: null })
      .then(connected(2)));
  it('puts it in the place of one that stands here', () =>
    given(connected(1))
      .when({ ...second, held: { session_id: session(1), connected_ms: 86_214 } })
      .then(superseded(1), connected(2)));
  it('ends one that stood at a process that died', () =>
    given(connected(1))
      .when({ ...second, held: null })
      .then(lost, connected(2)));
  it('ends one of another process, though another stands here', () =>
    given(connected(1))
      .when({ ...second, held: { session_id: session(9), connected_ms: 1 } })
      .then(lost, connected(2)));
  it('may be asked twice', () =>
    given(connected(1), disconnected(1), connected(2))
      .when({ ...second, held: null })
      .then());
});
