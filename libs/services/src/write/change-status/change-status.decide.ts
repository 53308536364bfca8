import { type Decider, newEvent, refuse } from '@app/kernel';
import { type Component, component } from '../../component.stream.js';
import { ComponentStatusChanged } from '../../events/index.js';
import type { Refused } from '../../refusals.js';

type No = Refused<'services.component-unknown' | 'services.verdict-overtaken'>;

/**
 * A verdict becomes a fact. It says from what it was reached (`from`): where the log has something else by now, another prober
 * judged in the meantime, and this one must go on from there.
 */
export const changeStatus: Decider<Component, ComponentStatusChanged, typeof ComponentStatusChanged, No> = {
  on: ({ component_id }) => component.of(component_id),
  passesUnreadable: true, // A component that is not judged any more would hide what is wrong with it.
  decide: (state, { data }) => {
    if (state.lifecycle !== 'watched') return refuse('services.component-unknown', { component_id: data.component_id });
    const { status, reason } = state.reportedStatus ?? { status: 'unknown', reason: null };
    if (status === data.to && reason === data.reason) return []; // Whoever else judged came to the same.
    if (status !== data.from) return refuse('services.verdict-overtaken', { component_id: data.component_id, status, from: data.from });
    return [newEvent(ComponentStatusChanged, data)];
  },
};
