import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { about, synced } from '../../../testing/index.js';
import { type GatewaySnapshot, GatewayStatusChanged } from '../../events/index.js';
import { recordGateways } from './record-gateways.decide.js';

const { given } = decider(recordGateways);
const [main] = synced.data.gateways;
if (main === undefined) throw new Error('the example has a gateway');
const observed = (...gateways: GatewaySnapshot[]) => ({ ...about, gateways });
const told = (more: Partial<GatewayStatusChanged>) =>
  newEvent(GatewayStatusChanged, {
    ...{ ...about, gateway: 'main', from: null, to: 'ready', capability: 'probe', version: '2026.9.6', reason: null, sentence: 'Ready.' },
    ...more,
  } as GatewayStatusChanged);
const first = told({});

describe('record-gateways', () => {
  it('tells of a gateway that is there for the first time', () => given().when(observed(main)).then(first));
  it('tells nothing twice, whatever its numbers do', () =>
    given(first)
      .when(observed({ ...main, sessions: 9, latency_ms: 99, sentence: 'x' }))
      .then());
  it('tells of another state, and from which', () =>
    given(first)
      .when(observed({ ...main, state: 'unreachable', reason: 'connect_refused', sentence: 'Refused.' }))
      .then(told({ from: 'ready', to: 'unreachable', reason: 'connect_refused', sentence: 'Refused.' })));
  it('tells of another version, reason and depth', () => {
    for (const more of [{ version: '2026.10.0' }, { reason: 'slow' as const }, { capability: 'read' as const }])
      given(first)
        .when(observed({ ...main, ...more }))
        .then(told({ from: 'ready', ...more }));
  });
  it('tells of one that is known no more, once', () => {
    const gone = told({ from: 'ready', to: null, sentence: 'The agent knows it no more.' });
    given(first).when(observed()).then(gone);
    given(first, gone).when(observed()).then();
    given(first, gone).when(observed(main)).then(first);
  });
  it('tells of one that is known no more in valid text, whatever an earlier release stored of it', () => {
    const before = { ...first, data: { ...first.data, version: '2026\u0007' } };
    given(before)
      .when(observed())
      .then(told({ from: 'ready', to: null, version: '2026\ufffd', sentence: 'The agent knows it no more.' }));
  });
  it('tells of each one alone', () =>
    given(first)
      .when(observed({ ...main, name: 'spare' }, main))
      .then(told({ gateway: 'spare' })));
});
