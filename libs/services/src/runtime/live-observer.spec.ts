import { FakeClock } from '@app/kernel/testing';
import { good, refused } from '../../testing/status-history.js';
import { FakeProbe } from '../../testing/fake-probe.js';
import { FakeLoop } from '../../testing/fake-loop.js';
import type { Component } from '../read/component-directory/component-directory.view.js';
import { POLICY } from './policy.js';
import { answered } from './probe-result.js';
import { LIVE_POLICY, LiveObserver } from './live-observer.js';

let clock: FakeClock;
let probes: Record<'nats' | 'postgresql' | 'valkey' | 'projections', FakeProbe>;
let observer: LiveObserver;
beforeEach(async () => {
  clock = new FakeClock();
  probes = { nats: new FakeProbe(), postgresql: new FakeProbe(), valkey: new FakeProbe(), projections: new FakeProbe() };
  probes.nats.result = answered(1.5, { version: '2.15.1' });
  observer = new LiveObserver(probes, { clock, loop: new FakeLoop(), warn: () => undefined });
  observer.start();
  await clock.pass(0);
});
afterEach(() => observer.stop());

const over = (id: 'nats' | 'postgresql' | 'valkey' | 'projections') => {
  const now = new Date(clock.wallMs()).toISOString() as Component['since'];
  const row = {
    component_id: id,
    kind: id,
    status: 'green',
    health: 'up',
    reason: null,
    since: now,
    last_probe_at: now,
    observed: 'facts',
  } as Component;
  return observer.over([row])[0] as Component;
};

it('says that the log is down within six seconds and a probe, and shows it until it is well again', async () => {
  await clock.pass(10_000);
  expect(over('nats').observed).toBe('facts');
  probes.nats.result = refused;
  await clock.pass(6_000);
  expect(over('nats')).toMatchObject({
    status: 'red',
    health: 'down',
    reason: 'connect_refused',
    observed: 'live',
    latency_ms: null,
    version: '2.15.1',
  });
  probes.nats.result = good(2.0417);
  await clock.pass(4_000);
  expect(over('nats')).toMatchObject({ status: 'recovering', latency_ms: 2 });
  await clock.pass(64_000);
  expect(over('nats').observed).toBe('facts');
});

it('has the log and PostgreSQL down at once without doubting itself', async () => {
  for (const probe of Object.values(probes)) probe.result = refused;
  await clock.pass(6_000);
  expect((['nats', 'postgresql', 'valkey'] as const).map((id) => over(id).status)).toEqual(['red', 'red', 'red']);
});

it('shows rows that stand still though the read model of components says that all is well', async () => {
  const finding = { colour: 'amber', reason: 'events_parked', detail: '1 row stands still.' } as const;
  probes.projections.result = answered(null, { findings: [finding] });
  await clock.pass(15_000);
  expect(over('projections')).toMatchObject({ status: 'amber', reason: 'events_parked', observed: 'live' });
});

it('tells who listens of each change, and of nothing else', async () => {
  let changes = 0;
  const stop = observer.onChange(() => changes++);
  await clock.pass(20_000);
  expect(changes).toBe(0);
  probes.valkey.result = refused;
  await clock.pass(6_000);
  expect(changes).toBe(2); // amber, red
  stop();
  probes.nats.result = refused;
  await clock.pass(6_000);
  expect(changes).toBe(2);
});

it('judges by the same thresholds as the prober, at a faster beat', () => {
  for (const [kind, { intervalMs, ...rest }] of Object.entries(LIVE_POLICY.kinds)) {
    const { intervalMs: slower, ...same } = POLICY.kinds[kind as 'nats'];
    expect(rest).toEqual(same);
    expect(intervalMs).toBe(kind in probes && kind !== 'projections' ? 2_000 : slower);
  }
});

it('has NATS red with both ends while the log takes nothing, and tells who listens', async () => {
  await clock.pass(10_000);
  let changes = 0;
  observer.onChange(() => changes++);
  observer.noteLog(['FACTS ends at 3, and was seen up to 5: nothing is written to it.']);
  observer.noteLog(['FACTS ends at 3, and was seen up to 5: nothing is written to it.']);
  expect(changes).toBe(1);
  expect(over('nats')).toMatchObject({
    status: 'red',
    health: 'down',
    reason: 'log_rewound',
    sentence: 'FACTS ends at 3, and was seen up to 5: nothing is written to it.',
    observed: 'live',
  });
  expect(over('postgresql').status).toBe('green');
  observer.noteLog([]);
  expect(over('nats').status).toBe('green');
});
