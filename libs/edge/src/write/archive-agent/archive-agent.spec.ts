import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { about, archived, changed, enrolled, revoked, unarchived } from '../../../testing/index.js';
import { AgentHeld } from '../../events/index.js';
import { archiveAgent } from './archive-agent.decide.js';

const { given } = decider(archiveAgent);

describe('archive-agent', () => {
  it.each([
    ['that never connected', []],
    ['that is connected', [changed('enrolled', 'connected', null)]],
    ['that is gone', [changed('enrolled', 'disconnected')]],
    ['that is held', [newEvent(AgentHeld, about)]],
    ['that is revoked', [revoked]],
    ['that was archived before', [archived, unarchived]],
  ])('archives an agent %s', (_state, facts) =>
    given(enrolled, ...facts)
      .when(about)
      .then(archived),
  );
  it('may be asked twice', () => given(enrolled, archived).when(about).then());
  it('remembers the archive through a revocation', () => given(enrolled, archived, revoked).when(about).then());
  it('refuses an agent nobody enrolled', () => given().when(about).refused('edge.agent-unknown'));
});
