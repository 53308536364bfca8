import { decider } from '@app/kernel/testing';
import { connected, disconnected, superseded } from '../../../testing/index.js';
import { closeTunnel } from './close-tunnel.decide.js';

const { epoch: _, ...ask } = disconnected(1).data;
const { given } = decider(closeTunnel);

describe('close-tunnel', () => {
  it('ends what stands', () => given(connected(1)).when(ask).then(disconnected(1)));
  it('ends nothing twice', () => given(connected(1), disconnected(1)).when(ask).then());
  it('leaves the newer one alone', () => given(connected(1), superseded(1), connected(2)).when(ask).then());
  it('knows nothing of one that never stood', () => given().when(ask).then());
});
