import fc from 'fast-check';
import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { type ComponentStatus, ComponentDeclared, ComponentRetired, ComponentStatusChanged, type Reason } from '../../events/index.js';
import { COMPONENT_STATUSES } from '../../events/component-status.js';
import { changeStatus } from './change-status.decide.js';

const about = { component_id: ComponentStatusChanged.example.component_id };
const declared = newEvent(ComponentDeclared, { ...ComponentDeclared.example, ...about });
const retired = newEvent(ComponentRetired, about);
const change = (from: ComponentStatus, to: ComponentStatus, reason: Reason | null = 'slow'): ComponentStatusChanged => ({
  ...ComponentStatusChanged.example,
  from,
  to,
  reason,
});
const changed = (...args: Parameters<typeof change>) => newEvent(ComponentStatusChanged, change(...args));
const { given } = decider(changeStatus);

describe('change-status', () => {
  it('makes the first status a fact', () =>
    given(declared)
      .when(change('unknown', 'green', null))
      .then(changed('unknown', 'green', null)));
  it('makes a change a fact', () =>
    given(declared, changed('unknown', 'amber')).when(change('amber', 'red')).then(changed('amber', 'red')));
  it('makes another reason a fact', () =>
    given(declared, changed('unknown', 'red'))
      .when(change('red', 'red', 'error_rate'))
      .then(changed('red', 'red', 'error_rate')));
  it('says nothing when another prober came to the same', () =>
    given(declared, changed('unknown', 'red')).when(change('green', 'red')).then());
  it('gives way to another verdict', () =>
    given(declared, changed('unknown', 'green', null))
      .when(change('amber', 'red'))
      .refused('services.verdict-overtaken'));
  it('refuses what nobody declared, or no longer', () => {
    given().when(change('unknown', 'red')).refused('services.component-unknown');
    given(declared, retired).when(change('unknown', 'red')).refused('services.component-unknown');
  });
  it('starts from unknown after a new declaration', () => {
    const history = [declared, changed('unknown', 'red'), retired, declared];
    given(...history)
      .when(change('unknown', 'green', null))
      .then(changed('unknown', 'green', null));
    given(...history)
      .when(change('red', 'green', null))
      .refused('services.verdict-overtaken');
  });

  it('keeps the chain: each fact starts where the one before ended, whoever asks for what', () => {
    const asked = fc.record({ from: fc.constantFrom(...COMPONENT_STATUSES), to: fc.constantFrom(...COMPONENT_STATUSES) });
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 12 }), (asks) => {
        const facts: ReturnType<typeof changed>[] = [];
        for (const { from, to } of asks) {
          const last = facts.at(-1)?.data.to ?? 'unknown';
          const said = given(declared, ...facts).when(change(from, to));
          if (last === to && facts.length > 0) said.then();
          else if (last !== from) said.refused('services.verdict-overtaken');
          else {
            said.then(changed(from, to));
            facts.push(changed(from, to));
          }
        }
      }),
    );
  });
});
