import { type Decider, newEvent } from '@app/kernel';
import { type Component, component } from '../../component.stream.js';
import { ComponentRetired } from '../../events/index.js';

/** The configuration no longer names a component. */
export const retireComponent: Decider<Component, ComponentRetired, typeof ComponentRetired> = {
  on: ({ component_id }) => component.of(component_id),
  passesUnreadable: true, // A component that is not judged any more would hide what is wrong with it.
  decide: (state, { data }) => (state.lifecycle === 'watched' ? [newEvent(ComponentRetired, data)] : []),
};
