import { asId, newEvent } from '@app/kernel';
import { NOW, later, rowsOf } from '@app/kernel/testing';
import {
  about,
  archived,
  changed,
  connected,
  disconnected,
  enrolled,
  revoked,
  superseded,
  synced,
  unarchived,
} from '../../../testing/index.js';
import {
  AgentEnrolled,
  type AgentId,
  AgentStatusChanged,
  AgentSynced,
  CostRecorded,
  type GatewaySnapshot,
  GaugesReceived,
  HandshakeRejected,
  HeartbeatReceived,
} from '../../events/index.js';
import { agentDirectory } from './agent-directory.projection.js';
import { agentLatest } from './agent-latest.rollup.js';
import { agentRejections } from './agent-rejections.rollup.js';

const cost = (more: Partial<CostRecorded> = {}) => newEvent(CostRecorded, { ...CostRecorded.example, ...about, ...more });
type Facts = Parameters<typeof rowsOf>[1][];
const row = (...facts: Facts) => rowsOf(agentDirectory, enrolled, ...facts)['agent-berlin'];

it('shows who joined, and keeps the public key out', () => {
  expect(rowsOf(agentDirectory, enrolled)).toEqual({
    'agent-berlin': {
      agent_id: 'agent-berlin',
      label: 'Berlin, rack 4',
      hostname: 'edge-1.berlin.example',
      lifecycle: 'enrolled',
      status: 'enrolled',
      health: 'unknown',
      reason: 'never_connected',
      details: {},
      judged_at: NOW,
      since: NOW,
      version: '0.1.0',
      os: 'linux x64 6.12',
      started_at: null,
      session_id: null,
      connected_at: null,
      expected_back_at: null,
      held_at: null,
      archived_at: null,
      ephemeral: false,
      enrolled_at: NOW,
      enrolled_by: AgentEnrolled.example.enrolled_by,
      join_token_id: AgentEnrolled.example.join_token_id,
      key_fingerprint: AgentEnrolled.example.key_fingerprint,
      gateways: [],
      synced_at: null,
      cpu_ratio: null,
      mem_ratio: null,
      disk_ratio: null,
      cost: null,
      cost_at: null,
      evidence: ['f1'],
    },
  });
});

it('shows the last status as it was said, and when it became so', () => {
  const { details, since, evidence } = changed('enrolled', 'disconnected').data;
  expect(row(changed('enrolled', 'disconnected'))).toMatchObject({
    ...{ status: 'disconnected', health: 'down', reason: 'connection_lost', details, since },
    evidence: [...evidence, 'f2'],
  });
});

it('counts `since` from the change of the status, not of its reason', () => {
  const degraded = newEvent(AgentStatusChanged, { ...changed('enrolled', 'degraded', 'slow').data, since: later(1) });
  const otherwise = newEvent(AgentStatusChanged, { ...changed('degraded', 'degraded', 'clock_skew').data, since: later(2) });
  expect(row(degraded, otherwise)).toMatchObject({ reason: 'clock_skew', since: later(1) });
});

it('shows the tunnel that stands, and what the agent last said of itself when none does', () => {
  const { version, os, started_at } = connected(1).data;
  expect(row(connected(1))).toMatchObject({ lifecycle: 'active', session_id: 'session-1', connected_at: NOW, version, os, started_at });
  expect(row(connected(1), disconnected(1))).toMatchObject({ lifecycle: 'active', session_id: null, connected_at: null, started_at });
  expect(row(connected(1), superseded(1), connected(2))).toMatchObject({ session_id: 'session-2', connected_at: NOW });
  expect(row(connected(1), connected(2), disconnected(1))).toMatchObject({ session_id: 'session-2', connected_at: NOW });
});

it('shows the gateways of the last report, and when that was', () => {
  const { gateways, cpu_ratio, mem_ratio, disk_ratio } = synced.data;
  expect(row(synced)).toMatchObject({ gateways: gateways.map((one) => ({ ...one, known_at: null })), synced_at: NOW });
  expect(row(synced)).toMatchObject({ cpu_ratio, mem_ratio, disk_ratio });
});

describe('a gateway that does not answer', () => {
  const [main] = synced.data.gateways as [GatewaySnapshot];
  const says = (...gateways: GatewaySnapshot[]) => newEvent(AgentSynced, { ...synced.data, gateways });
  const silent: GatewaySnapshot = { ...main, state: 'unreachable', version: null, started_at: null, latency_ms: null, sessions: null };
  const gatewaysOf = (...facts: Facts) => row(...facts)?.gateways;

  it('keeps the version and the start of the last report that had them, with the time of the change', () => {
    const { version, started_at } = main;
    const known = { ...silent, version, started_at, known_at: NOW };
    expect(gatewaysOf(synced, says(silent))).toEqual([known]);
    expect(gatewaysOf(synced, says(silent), says({ ...silent, reason: 'dns_failure' }))).toEqual([{ ...known, reason: 'dns_failure' }]);
  });

  it('has what it reports once it answers again', () => {
    const newer = { ...main, version: '2026.10.1' };
    expect(gatewaysOf(synced, says(silent), says(newer))).toEqual([{ ...newer, known_at: null }]);
  });

  it('has nothing to keep when it never answered, or was forgotten in between', () => {
    expect(gatewaysOf(says(silent))).toEqual([{ ...silent, known_at: null }]);
    expect(gatewaysOf(synced, says(), says(silent))).toEqual([{ ...silent, known_at: null }]);
  });

  it('keeps nothing of a gateway whose place another server took', () => {
    const other = { ...silent, state: 'not_openclaw' } as const;
    expect(gatewaysOf(synced, says(other))).toEqual([{ ...other, known_at: null }]);
  });
});

it('shows since when an agent is archived, whatever becomes of it, until that is undone', () => {
  expect(row(archived)).toMatchObject({ archived_at: NOW, status: 'enrolled' });
  expect(row(archived, connected(1), changed('enrolled', 'connected', null), revoked)).toMatchObject({
    archived_at: NOW,
    status: 'revoked',
  });
  expect(row(archived, unarchived)).toMatchObject({ archived_at: null });
});

it('shows what the last day cost, the last time it was said', () => {
  const { agent_id: _, ...shown } = cost({ usd: 3 }).data;
  expect(row(cost(), cost({ usd: 3 }))).toMatchObject({ cost: shown, cost_at: NOW });
  expect(row(cost({ usd: 3 }), cost({ day: '2026-01-31', usd: 9 }))).toMatchObject({ cost: shown });
  expect(row(cost(), cost({ day: '2026-02-02', usd: 0 }))).toMatchObject({ cost: { day: '2026-02-02', usd: 0 } });
});

it('shows a revoked agent for ever as that, with all that is known of it', () => {
  const shown = { lifecycle: 'revoked', status: 'revoked', health: 'unknown', reason: 'revoked', details: { note: 'the host was sold' } };
  expect(row(connected(1), synced, revoked)).toMatchObject({ ...shown, gateways: [{ name: 'main' }] });
  expect(row(revoked, connected(1))).toMatchObject(shown);
});

it('keeps agents apart', () => {
  const lisbon = newEvent(AgentEnrolled, { ...AgentEnrolled.example, agent_id: asId<AgentId>('agent-lisbon') });
  const rows = rowsOf(agentDirectory, enrolled, lisbon, changed('enrolled', 'connected', null));
  expect(Object.values(rows).map(({ status }) => status)).toEqual(['connected', 'enrolled']);
});

it('stops rather than guess when a stream starts in the middle', () => {
  expect(() => rowsOf(agentDirectory, synced)).toThrow('no row to change');
});

const beat = (more: Partial<HeartbeatReceived>) => newEvent(HeartbeatReceived, { ...HeartbeatReceived.example, ...about, ...more });
const gauges = (more: Partial<GaugesReceived> = {}) => newEvent(GaugesReceived, { ...GaugesReceived.example, ...about, ...more });
const unmeasured = { gauges: null, gauges_at: null, last_cost: null, last_cost_at: null };

it('remembers the last heartbeat, and the last that said something', () => {
  const known = { rtt_ms: 18.4, clock_offset_ms: -3.5, last_sync_at: NOW };
  expect(rowsOf(agentLatest, beat({}))).toEqual({
    'agent-berlin': { ...about, last_heartbeat_at: NOW, heartbeat_position: 't1', ...known, ...unmeasured },
  });
  expect(rowsOf(agentLatest, beat({}), beat({ seq: 13, rtt_ms: null, clock_offset_ms: null, synced: false }))).toMatchObject({
    'agent-berlin': { heartbeat_position: 't2', ...known },
  });
  expect(rowsOf(agentLatest, beat({ synced: false }))).toMatchObject({ 'agent-berlin': { last_sync_at: null } });
});

it('remembers the last numbers beside the last heartbeat, whichever comes first', () => {
  const { agent_id: _, costs, ...numbers } = GaugesReceived.example;
  const measured = { gauges: numbers, gauges_at: NOW, last_cost: costs[0], last_cost_at: NOW };
  const unheard = { last_heartbeat_at: null, heartbeat_position: null, rtt_ms: null, clock_offset_ms: null, last_sync_at: null };
  const heard = { last_heartbeat_at: NOW, rtt_ms: 18.4 };
  expect(rowsOf(agentLatest, gauges())).toEqual({ 'agent-berlin': { ...about, ...unheard, ...measured } });
  expect(rowsOf(agentLatest, gauges({ outbox_depth: 9 }), beat({}), gauges())).toMatchObject({ 'agent-berlin': { ...heard, ...measured } });
  expect(rowsOf(agentLatest, beat({}), gauges())).toMatchObject({ 'agent-berlin': { ...heard, ...measured } });
  expect(rowsOf(agentLatest, gauges(), beat({}))).toMatchObject({ 'agent-berlin': { ...heard, ...measured } });
});

it('remembers the last handshake that was rejected until the agent is heard', () => {
  const rejected = (count: number) =>
    newEvent(HandshakeRejected, { ...about, reason: 'address_mismatch', address: 'http://localhost:4601', count });
  expect(rowsOf(agentRejections, rejected(1), rejected(3))).toEqual({
    'agent-berlin': {
      ...about,
      rejected_count: 3,
      rejected_reason: 'address_mismatch',
      rejected_address: 'http://localhost:4601',
      rejected_at: NOW,
    },
  });
  expect(rowsOf(agentRejections, rejected(3), beat({}))).toEqual({});
});

it('remembers what the last day cost, also while nothing is said of it', () => {
  const [use] = GaugesReceived.example.costs;
  const spent = (day: string, usd: number) => gauges({ costs: use === undefined ? [] : [{ ...use, day, usd }] });
  const last = (...of: Parameters<typeof rowsOf>[1][]) => rowsOf(agentLatest, ...of)['agent-berlin']?.last_cost;
  expect(last(spent('2026-02-01', 3), gauges({ costs: [] }))).toMatchObject({ day: '2026-02-01', usd: 3 });
  expect(last(spent('2026-02-01', 3), spent('2026-02-01', 4))).toMatchObject({ usd: 4 });
  expect(last(spent('2026-02-02', 1), spent('2026-02-01', 4))).toMatchObject({ day: '2026-02-02' });
});
