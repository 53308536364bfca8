import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { ComponentDeclared, ComponentRetired } from '../../events/index.js';
import { retireComponent } from './retire-component.decide.js';

const about = { component_id: ComponentDeclared.example.component_id };
const declared = newEvent(ComponentDeclared, ComponentDeclared.example);
const retired = newEvent(ComponentRetired, about);
const { given } = decider(retireComponent);

describe('retire-component', () => {
  it('ends the watch', () => given(declared).when(about).then(retired));
  it('may be asked twice', () => given(declared, retired).when(about).then());
  it('has nothing to end where nothing was watched', () => given().when(about).then());
  it('ends the watch again', () => given(declared, retired, declared).when(about).then(retired));
});
