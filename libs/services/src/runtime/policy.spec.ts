import { StatusHistory, good, times, timedOut } from '../../testing/status-history.js';
import type { ComponentKind } from '../events/component-kind.js';
import { POLICY } from './policy.js';
import { type Measured, type ProbeResult, answered } from './probe-result.js';

/** Each row of the table of thresholds: `[kind, interval, timeout, failures that are red]`. */
it.each<[ComponentKind, number, number, number]>([
  ['api', 15_000, 3_000, 3],
  ['postgresql', 15_000, 3_000, 3],
  ['valkey', 15_000, 1_000, 3],
  ['nats', 15_000, 3_000, 3],
  ['projections', 5_000, 3_000, 3],
  ['gateway', 30_000, 10_000, 2],
  ['gateways', 30_000, 3_000, 3],
])('%s is probed every %d ms for at most %d ms, and red after %d failures', (kind, intervalMs, timeoutMs, failuresToRed) => {
  expect(POLICY.kinds[kind]).toMatchObject({ intervalMs, timeoutMs, failuresToRed });
  const statuses = new StatusHistory(kind).probes(good(), ...times(failuresToRed, timedOut));
  expect(statuses.indexOf('red')).toBe(failuresToRed);
});

const measured = (gauge: Measured['gauge'], value: number): ProbeResult => answered(5, { measured: [{ gauge, value }] });

describe.each<[ComponentKind, string, (value: number) => ProbeResult, within: number, above: number, reason: string, sentence: string]>([
  ['api', 'latency', good, 300, 301, 'slow', 'Slow: p95 of the last probes is 301 ms, the limit 300 ms.'],
  ['api', 'event loop', (ms) => measured('event_loop_ms', ms), 100, 101, 'slow', 'Its event loop is 101 ms late, the limit is 100 ms.'],
  ['postgresql', 'latency', good, 50, 51, 'slow', 'Slow: p95 of the last probes is 51 ms, the limit 50 ms.'],
  [
    'postgresql',
    'pool',
    (n) => measured('connections', n),
    0.79,
    0.8,
    'queue_backlog',
    '80 % of its connections are taken, the limit is 80 %.',
  ],
  ['valkey', 'latency', good, 20, 20.4, 'slow', 'Slow: p95 of the last probes is 20 ms, the limit 20 ms.'],
  ['valkey', 'memory', (n) => measured('memory', n), 0.84, 0.85, 'queue_backlog', '85 % of its memory is taken, the limit is 85 %.'],
  ['nats', 'latency', good, 50, 51, 'slow', 'Slow: p95 of the last probes is 51 ms, the limit 50 ms.'],
  ['nats', 'store', (n) => measured('storage', n), 0.74, 0.75, 'queue_backlog', 'Its store is 75 % full, the limit is 75 %.'],
  [
    'projections',
    'lag',
    (ms) => measured('lag_ms', ms),
    5_000,
    5_001,
    'queue_backlog',
    'A projection is 5 s behind the log, the limit is 5 s.',
  ],
  ['gateway', 'latency', good, 1_000, 1_001, 'slow', 'Slow: p95 of the last probes is 1001 ms, the limit 1000 ms.'],
])('%s %s', (kind, _name, result, within, above, reason, sentence) => {
  it(`is amber above its limit the second time: ${reason}`, () => {
    const history = new StatusHistory(kind);
    expect(history.probes(good(1), result(within), result(within))).toEqual(['green', 'green', 'green']);
    expect(history.probes(result(above), result(above))).toEqual(['green', 'amber']);
    expect(history.evaluated).toMatchObject({ reason, sentence });
  });
});

describe.each<[ComponentKind, string, (value: number) => ProbeResult, within: number, above: number, reason: string, sentence: string]>([
  ['nats', 'store', (n) => measured('storage', n), 0.89, 0.9, 'queue_backlog', 'Its store is 90 % full, the limit is 90 %.'],
  [
    'projections',
    'lag',
    (n) => measured('lag_ms', n),
    30_000,
    31_000,
    'queue_backlog',
    'A projection is 31 s behind the log, the limit is 30 s.',
  ],
  [
    'projections',
    'stand-still',
    (n) => measured('stalled_ms', n),
    10_000,
    10_600,
    'sync_stale',
    'A projection is behind the log and has not moved for 11 s.',
  ],
])('%s %s', (kind, _name, probeResult, within, above, reason, sentence) => {
  it(`is red above its limit at once: ${reason}`, () => {
    const history = new StatusHistory(kind);
    expect(history.probes(good(1), probeResult(within), probeResult(above)).slice(1)).not.toContain('unknown');
    expect(history.evaluated).toMatchObject({ status: 'red', reason, sentence });
  });

  it('is not red below it', () => {
    expect(new StatusHistory(kind).probes(good(1), ...times(20, probeResult(within)))).not.toContain('red');
  });
});

it('a gateway that starts is amber, and red when that takes more than 120 s', () => {
  const starting = answered(5, { findings: [{ colour: 'amber', reason: 'starting', detail: 'The gateway is starting.' }] });
  const history = new StatusHistory('gateway');
  expect(history.probes(good(), ...times(5, starting))).toEqual(['green', ...times(5, 'amber')]);
  expect(history.probes(starting)).toEqual(['red']);
  expect(history.evaluated).toMatchObject({ reason: 'starting', sentence: 'Still starting after 3 min; 2 min should be enough.' });
  expect(new StatusHistory('gateway').probes(...times(3, starting), good(), ...times(5, starting))).not.toContain('red');
});

it('depends on what the design says', () => {
  const dependent = Object.entries(POLICY.kinds).filter(([, { dependsOn }]) => dependsOn.length > 0);
  expect(Object.fromEntries(dependent.map(([kind, { dependsOn }]) => [kind, dependsOn]))).toEqual({
    projections: ['nats', 'postgresql'],
    gateway: ['api', 'nats'],
    gateways: ['api', 'nats'],
  });
});

it('has no latency among what is red', () => {
  for (const { red } of Object.values(POLICY.kinds)) expect(red).not.toHaveProperty('p95_ms');
});
