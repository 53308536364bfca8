import { decider } from '@app/kernel/testing';
import { about, changed, enrolled, revoked } from '../../../testing/index.js';
import { revokeAgent } from './revoke-agent.decide.js';

const ask = { ...about, note: revoked.data.note };
const { given } = decider(revokeAgent);

describe('revoke-agent', () => {
  it('takes the right to connect', () => given(enrolled).when(ask).then(revoked));
  it('whatever the agent is doing', () =>
    given(enrolled, changed('enrolled', 'connected', null))
      .when(ask)
      .then(revoked));
  it('may be asked twice', () =>
    given(enrolled, revoked)
      .when({ ...ask, note: 'again' })
      .then());
  it('refuses an agent nobody enrolled', () => given().when(ask).refused('edge.agent-unknown'));
});
