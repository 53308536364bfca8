import { decider } from '@app/kernel/testing';
import { archived, enrolled, revoked, unarchived } from '../../../testing/index.js';
import { unarchiveAgent } from './unarchive-agent.decide.js';

const ask = unarchived.data;
const { given } = decider(unarchiveAgent);

describe('unarchive-agent', () => {
  it('undoes the archive of an agent', () => given(enrolled, archived).when(ask).then(unarchived));
  it('undoes the archive of a revoked agent', () => given(enrolled, revoked, archived).when(ask).then(unarchived));
  it('writes nothing about an agent that is not archived', () => given(enrolled).when(ask).then());
  it('may be asked twice', () => given(enrolled, archived, unarchived).when(ask).then());
  it('refuses an agent nobody enrolled', () => given().when(ask).refused('edge.agent-unknown'));
});
