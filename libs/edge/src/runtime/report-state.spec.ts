import type { AgentSynced, GatewaySnapshot } from '../events/index.js';
import { AgentSynced as Synced } from '../events/index.js';
import { differenceOf } from '../report-difference.js';
import type { ChannelReport, GatewayReport, ReportFull } from '../tunnel.protocol.js';
import { newReportState, takeReport } from './report-state.js';

const T0 = Date.parse('2026-02-01T12:00:00.000Z');
const channel = (more: Partial<ChannelReport> = {}): ChannelReport => ({
  ...{ name: 'telegram', connected: false, lifecycle: 'recovering', error: 'timeout', down_ms: 60_000 },
  ...more,
});
const full = (seq: number, channels: ChannelReport[]): ReportFull => ({
  type: 'report_full',
  ...{ seq, sent_at: '2026-02-01T12:00:00.000Z', desired_version: null },
  gateways: [
    {
      ...{ name: 'main', capability: 'probe', tier_limit: 'scopes_withheld', state: 'ready', reason: null, sentence: '' },
      ...{ version: null, uptime_ms: null, latency_ms: null, sessions: null, channels },
    } satisfies GatewayReport,
  ],
  host: { cpu_ratio: null, mem_ratio: null, disk_ratio: null },
  outbox: { depth: 0, capacity: 32, dropped: 0 },
});
const channelsOf = (taken: ReturnType<typeof takeReport>) => taken.reported.gateways?.get('main')?.channels;

it('reckons by its own clock since when a channel is down, and keeps that while it stays down', () => {
  const first = takeReport(newReportState('b'), full(1, [channel()]), T0);
  expect(channelsOf(first)).toEqual([
    { name: 'telegram', connected: false, lifecycle: 'recovering', error: 'timeout', down_since: '2026-02-01T11:59:00.000Z' },
  ]);
  const second = takeReport(first.reported, full(2, [channel({ down_ms: 91_234 })]), T0 + 30_000);
  expect(channelsOf(second)).toMatchObject([{ down_since: '2026-02-01T11:59:00.000Z' }]);
  const up = takeReport(second.reported, full(3, [channel({ connected: true, down_ms: null })]), T0 + 60_000);
  expect(channelsOf(up)).toMatchObject([{ connected: true, down_since: null }]);
  const again = takeReport(up.reported, full(4, [channel({ down_ms: 0 })]), T0 + 90_000);
  expect(channelsOf(again)).toMatchObject([{ down_since: '2026-02-01T12:01:30.000Z' }]);
});

describe('two reports', () => {
  const { gateways, ...example } = Synced.example;
  const [main] = gateways as [GatewaySnapshot];
  const [telegram] = main.channels;
  const synced = (more: Partial<GatewaySnapshot>): AgentSynced => ({ ...example, gateways: [{ ...main, ...more }] });
  const before = synced({});

  it.each<[string, Partial<GatewaySnapshot>, ReturnType<typeof differenceOf>]>([
    ['nothing', {}, 'same'],
    ['another tier limit', { tier_limit: null }, 'content'],
    ['another channel', { channels: [telegram!, { ...telegram!, name: 'a2a' }] }, 'content'],
    ['no channel', { channels: [] }, 'content'],
    ['a channel of another name', { channels: [{ ...telegram!, name: 'a2a' }] }, 'content'],
    ['a channel that came back', { channels: [{ ...telegram!, connected: true, down_since: null }] }, 'gauges'],
    ['a channel that does something else', { channels: [{ ...telegram!, lifecycle: 'starting' }] }, 'gauges'],
    ['a channel that fails of something else', { channels: [{ ...telegram!, error: 'auth' }] }, 'gauges'],
    ['a channel that is down since another time', { channels: [{ ...telegram!, down_since: '2026-02-01T11:00:00.000Z' }] }, 'gauges'],
  ])('that differ by %s are told apart', (_what, more, difference) => expect(differenceOf(before, synced(more))).toBe(difference));
});
