import { newEvent } from '@app/kernel';
import { later, decider } from '@app/kernel/testing';
import { about, archived as byOperator, changed, enrolled, revoked, unarchived } from '../../../testing/index.js';
import { AgentArchived, AgentEnrolled, AgentHeld, AgentStatusChanged } from '../../events/index.js';
import { archiveEphemeral } from './archive-ephemeral.decide.js';

const { given } = decider(archiveEphemeral);
const ephemeral = newEvent(AgentEnrolled, { ...enrolled.data, ephemeral: true });
const archived = newEvent(AgentArchived, { ...about, reason: 'ephemeral' });
const DAY_MIN = 24 * 60;
const since = (minute: number, ...[from, to, reason]: Parameters<typeof changed>) =>
  newEvent(AgentStatusChanged, { ...changed(from, to, reason).data, since: later(minute) });

describe('archive-ephemeral', () => {
  it.each([
    ['that never connected', [], DAY_MIN],
    ['that is gone', [since(5, 'enrolled', 'disconnected')], 5 + DAY_MIN],
    ['that is quarantined', [since(5, 'enrolled', 'quarantined', 'duplicate_identity')], 5 + DAY_MIN],
    ['that was revoked', [revoked], DAY_MIN],
    ['that was archived and is not any more', [byOperator, unarchived], DAY_MIN],
  ])('archives an ephemeral agent %s after a day, and not before', (_state, facts, due) => {
    given(ephemeral, ...facts)
      .when(about, { at: later(due) })
      .then(archived);
    given(ephemeral, ...facts)
      .when(about, { at: later(due - 1) })
      .then();
  });

  it('counts the day after which an agent is stale', () =>
    given(ephemeral, since(DAY_MIN, 'disconnected', 'stale'))
      .when(about, { at: later(DAY_MIN) })
      .then(archived));

  it.each([
    ['that is meant to last', [enrolled]],
    ['that is meant to last and was revoked', [enrolled, revoked]],
    ['that is connected', [ephemeral, since(0, 'enrolled', 'connected', null)]],
    ['that is on its way to be connected', [ephemeral, since(0, 'enrolled', 'enrolled', 'starting')]],
    ['of which nobody knows', [ephemeral, since(0, 'enrolled', 'unknown', 'observer_unhealthy')]],
    ['that is held', [ephemeral, newEvent(AgentHeld, about)]],
    ['that is archived', [ephemeral, byOperator]],
    ['nobody enrolled', []],
  ])('leaves an agent %s as it is', (_state, facts) =>
    given(...facts)
      .when(about, { at: later(9 * DAY_MIN) })
      .then(),
  );
});
