import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { ComponentDeclared, ComponentRetired, ComponentStatusChanged } from '../../events/index.js';
import { declareComponent } from './declare-component.decide.js';

const berlin = ComponentDeclared.example;
const about = { component_id: berlin.component_id };
const declared = newEvent(ComponentDeclared, berlin);
const changed = newEvent(ComponentStatusChanged, { ...ComponentStatusChanged.example, ...about });
const retired = newEvent(ComponentRetired, about);
const { given } = decider(declareComponent);

describe('declare-component', () => {
  it('begins to watch what the configuration names', () => given().when(berlin).then(declared));
  it('says nothing when nothing changed', () => given(declared, changed).when(berlin).then());
  it('begins anew after retirement', () => given(declared, retired).when(berlin).then(declared));
  it.each<Partial<ComponentDeclared>>([{ name: 'Berlin, cellar' }, { target: null }, { critical: false }, { kind: 'api' }])(
    'says that %j is new',
    (other) => {
      given(declared)
        .when({ ...berlin, ...other })
        .then(newEvent(ComponentDeclared, { ...berlin, ...other }));
    },
  );
});
