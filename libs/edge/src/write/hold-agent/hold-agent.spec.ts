import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { about, enrolled, revoked } from '../../../testing/index.js';
import { AgentHeld, AgentReleased } from '../../events/index.js';
import { holdAgent } from './hold-agent.decide.js';

const [held, released] = [newEvent(AgentHeld, about), newEvent(AgentReleased, about)];
const { given } = decider(holdAgent);

describe('hold-agent', () => {
  it('holds what has rights', () => given(enrolled).when(about).then(held));
  it('writes nothing of what is held already', () => given(enrolled, held).when(about).then());
  it('holds again what was released', () => given(enrolled, held, released).when(about).then(held));
  it('writes nothing of what has no rights', () => given(enrolled, revoked).when(about).then());
  it('writes nothing of what never was', () => given().when(about).then());
});
