import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { enrolled, revoked, synced } from '../../../testing/index.js';
import { AgentSynced, type GatewaySnapshot } from '../../events/index.js';
import { recordSync } from './record-sync.decide.js';

const { given } = decider(recordSync);
const [gateway] = synced.data.gateways;
if (gateway === undefined) throw new Error('the example has a gateway');
const withGateway = (more: Partial<GatewaySnapshot>) =>
  newEvent(AgentSynced, { ...synced.data, seq: 18, gateways: [{ ...gateway, ...more }] });

describe('record-sync', () => {
  it('keeps the first report', () => given(enrolled).when(synced.data).then(synced));
  it('keeps nothing twice', () =>
    given(enrolled, synced)
      .when({ ...synced.data, seq: 18 })
      .then());
  it.each<[string, Partial<GatewaySnapshot>]>([
    ['a state', { state: 'draining' }],
    ['a version', { version: '2026.10.0' }],
    ['what can be read', { capability: 'read' }],
    ['a reason', { reason: 'slow' }],
    ['a restart', { started_at: '2026-02-01T12:14:02.120Z' }],
    ['a name', { name: 'spare' }],
  ])('keeps %s that changed', (_what, more) => given(enrolled, synced).when(withGateway(more).data).then(withGateway(more)));
  it.each<[string, Partial<GatewaySnapshot>]>([
    ['a number of sessions', { sessions: 4 }],
    ['a latency', { latency_ms: 60 }],
    ['a latency that is not known any more', { latency_ms: null }],
    ['another sentence for the same state', { sentence: 'Ready, with 4 sessions.' }],
    ['a start reckoned a little later', { started_at: '2026-02-01T09:14:30.120Z' }],
  ])('does not keep %s', (_what, more) => given(enrolled, synced).when(withGateway(more).data).then());
  it('does not keep how busy the host is', () =>
    given(enrolled, synced)
      .when({ ...synced.data, cpu_ratio: 1, mem_ratio: null, disk_ratio: 1 })
      .then());
  it('refuses whom nobody enrolled, and who is revoked', () => {
    given().when(synced.data).refused('edge.agent-unknown');
    given(enrolled, revoked).when(synced.data).refused('edge.agent-revoked');
  });
});
