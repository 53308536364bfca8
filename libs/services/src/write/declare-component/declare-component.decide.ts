import { type Decider, newEvent } from '@app/kernel';
import { type Component, type Declaration, component } from '../../component.stream.js';
import { ComponentDeclared } from '../../events/index.js';

/** The configuration names a component. Asked at every start of the prober; most starts change nothing. */
export const declareComponent: Decider<Component, ComponentDeclared, typeof ComponentDeclared> = {
  on: ({ component_id }) => component.of(component_id),
  passesUnreadable: true, // A component that is not judged any more would hide what is wrong with it.
  decide: (state, { data }) =>
    state.lifecycle === 'watched' && isSame(state.declaration, data) ? [] : [newEvent(ComponentDeclared, data)],
};

const isSame = (a: Declaration, b: Declaration): boolean =>
  a.kind === b.kind && a.name === b.name && a.target === b.target && a.critical === b.critical;
