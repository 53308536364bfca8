import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { about, enrolled, revoked } from '../../../testing/index.js';
import { AgentHeld, AgentReleased } from '../../events/index.js';
import { releaseAgent } from './release-agent.decide.js';

const [held, released] = [newEvent(AgentHeld, about), newEvent(AgentReleased, about)];
const { given } = decider(releaseAgent);

describe('release-agent', () => {
  it('gives back what was held', () => given(enrolled, held).when(about).then(released));
  it('may be asked twice', () => given(enrolled, held, released).when(about).then());
  it('writes nothing of what was not held', () => given(enrolled).when(about).then());
  it('gives nothing back to what was ended while it was held', () =>
    given(enrolled, held, revoked).when(about).refused('edge.agent-unknown'));
  it('refuses what never was', () => given().when(about).refused('edge.agent-unknown'));
});
