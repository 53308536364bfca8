import { newEvent } from '@app/kernel';
import { stored } from '@app/kernel/testing';
import { component } from './component.stream.js';
import { ComponentDeclared, ComponentRetired, ComponentStatusChanged } from './events/index.js';

const { component_id, ...declaration } = ComponentDeclared.example;
const declared = newEvent(ComponentDeclared, ComponentDeclared.example);
const changed = newEvent(ComponentStatusChanged, { ...ComponentStatusChanged.example, component_id });
const retired = newEvent(ComponentRetired, { component_id });
const folded = (...facts: (typeof declared | typeof changed | typeof retired)[]) =>
  component.fold(facts.map((fact, i) => stored(fact, i + 1)));
const { to: status, reason, details, since, last_good_at } = ComponentStatusChanged.example;
const evaluated = { status, reason, details, since, last_good_at };

it('keeps the last status through another declaration', () => {
  const renamed = newEvent(ComponentDeclared, { ...ComponentDeclared.example, name: 'Berlin, cellar' });
  expect(folded(declared, changed, renamed)).toEqual({
    lifecycle: 'watched',
    declaration: { ...declaration, name: 'Berlin, cellar' },
    reportedStatus: evaluated,
  });
});

it('has no verdict before the first, nor after a retirement', () => {
  expect(folded(declared)).toEqual({ lifecycle: 'watched', declaration, reportedStatus: null });
  expect(folded(declared, changed, retired)).toEqual({ lifecycle: 'retired' });
  expect(folded(declared, changed, retired, declared)).toMatchObject({ reportedStatus: null });
});
