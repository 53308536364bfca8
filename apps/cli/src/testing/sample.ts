import type { Component, EventEntry, Peer } from '../contract.js';

/** The server's clock in every spec. */
export const NOW = '2026-11-22T10:03:12.000Z';
const before = (ms: number): string => new Date(Date.parse(NOW) - ms).toISOString();
const MINUTE_MS = 60_000;

export const peer = (fields: Partial<Peer> = {}): Peer => ({
  peer_id: 'lisbon-2',
  remote_peer_id: 'inst-7f3q',
  label: 'Lisbon, second hall',
  url: 'https://lisbon.example',
  lifecycle: 'pending',
  status: 'pending',
  health: 'unknown',
  reason: 'never_connected',
  sentence: 'Waiting for the mutual challenge.',
  since: before(4 * MINUTE_MS),
  secret_fingerprint: 'ab12cd34',
  registered_at: before(4 * MINUTE_MS),
  registered_by: 'token:t-admin',
  suspended_until: null,
  last_heartbeat_at: null,
  calls_in: 0,
  calls_out: 0,
  ...fields,
});

export const component = (fields: Partial<Component> = {}): Component => ({
  component_id: 'postgresql',
  kind: 'postgresql',
  name: 'PostgreSQL',
  target: '127.0.0.1:5432/clawbutler',
  status: 'green',
  health: 'up',
  reason: null,
  sentence: 'Answers.',
  since: before(3 * 60 * MINUTE_MS),
  last_good_at: before(3000),
  next_probe_at: before(-12_000),
  critical: true,
  latency_ms: 3.24,
  p95_ms: 7,
  last_probe_at: before(3000),
  capability: null,
  version: '18.4',
  history: [
    { minute: before(2 * MINUTE_MS), good: 4, bad: 0, worst: 'green' },
    { minute: before(MINUTE_MS), good: 0, bad: 0, worst: 'unknown' },
    { minute: before(0), good: 1, bad: 3, worst: 'red' },
  ],
  evidence: ['t17', 't18'],
  observed: 'facts',
  ...fields,
});

export const valkey = component({
  component_id: 'valkey',
  kind: 'valkey',
  name: 'Valkey',
  status: 'amber',
  health: 'degraded',
  reason: 'slow',
  sentence: 'p95 64 ms > 20 ms',
  since: before(38_000),
  critical: false,
  latency_ms: 64.2,
  p95_ms: 64,
});

export const registered: EventEntry = {
  position: 'f12',
  stream: 'facts',
  id: '0195a1b2-0000-7000-8000-000000000001',
  type: 'federation.peer.registered',
  version: 1,
  subject: 'facts.federation.peer.lisbon-2',
  at: before(4 * MINUTE_MS),
  actor: 'token:t-admin',
  correlation_id: '0195a1b2-0000-7000-8000-000000000002',
  causation_id: '0195a1b2-0000-7000-8000-000000000002',
  data: { peer_id: 'lisbon-2', label: 'Lisbon, second hall' },
};
