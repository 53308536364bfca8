import { Attempts } from './attempts.js';
import { remoteOf } from './remote.js';
import { newReportState, takeReport } from './report-state.js';
import { type GatewayReport, LIMITS, type ReportFull } from '../tunnel.protocol.js';

it.each([
  ['127.0.0.1', 'loopback'],
  ['127.9.9.9', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.31.0.1', 'private'],
  ['172.32.0.1', 'public'],
  ['::ffff:192.168.1.1', 'private'],
  ['fd00::1', 'private'],
  ['fe80::1%eth0', 'private'],
  ['2001:db8::1', 'public'],
  ['9.9.9.9', 'public'],
  [undefined, 'public'],
  ['nonsense', 'public'],
])('%s is %s', (address, remote) => expect(remoteOf(address)).toBe(remote));

describe('attempts', () => {
  it('are ten a minute for each address, from the first of them', () => {
    const attempts = new Attempts();
    const tries = (address: string, nowMs: number, count: number): number[] =>
      Array.from({ length: count }, () => attempts.begin(address, nowMs));
    expect(tries('a', 0, 10)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(tries('a', 59_000, 1)).toEqual([1_000]);
    expect(tries('b', 59_000, 1)).toEqual([0]);
    expect(tries('a', 60_000, 10).every((wait) => wait === 0)).toBe(true);
  });

  it('that do not fail do not count', () => {
    const attempts = new Attempts();
    for (let i = 0; i < 50; i++) {
      expect(attempts.begin('a', 0)).toBe(0);
      attempts.forgive('a');
    }
  });

  it('are forgotten for bounded memory, the first address first', () => {
    const attempts = new Attempts();
    for (let i = 0; i < 10; i++) attempts.begin('first', 0);
    expect(attempts.begin('first', 0)).toBeGreaterThan(0);
    for (let i = 0; i < 10_000; i++) attempts.begin(`a-${i}`, 0);
    expect(attempts.begin('first', 0)).toBe(0);
  });
});

it('of more gateways than an agent may have, told bit by bit, none is kept: all have to be told again', () => {
  const gateway = (name: string): GatewayReport => ({
    ...{ name, capability: 'http', tier_limit: null, channels: [], state: 'ready', reason: null, sentence: '' },
    ...{ version: null, uptime_ms: null, latency_ms: null, sessions: null },
  });
  const host = { cpu_ratio: null, mem_ratio: null, disk_ratio: null };
  const outbox = { depth: 0, capacity: 32, dropped: 0 };
  const frame = (seq: number, ...names: string[]): Omit<ReportFull, 'type'> => ({
    ...{ seq, sent_at: '2026-02-01T12:00:00.000Z', desired_version: null, gateways: names.map(gateway), host, outbox },
  });
  const names = Array.from({ length: LIMITS.gateways }, (_, i) => `g-${i}`);
  const full = takeReport(newReportState('b'), { type: 'report_full', ...frame(1, ...names) }, 0);
  expect([full.reported.gateways?.size, full.isMissing]).toEqual([LIMITS.gateways, false]);
  const same = takeReport(full.reported, { type: 'report', ...frame(2, 'g-0') }, 0);
  expect([same.reported.gateways?.size, same.isMissing]).toEqual([LIMITS.gateways, false]);
  const more = takeReport(same.reported, { type: 'report', ...frame(3, 'another') }, 0);
  expect([more.reported.gateways, more.isMissing]).toEqual([null, true]);
});
