import type { Call, Component, DoctorCheck, EdgeAgent, EventEntry, Gateway, Parked, Peer, Projection, Route } from '../contract.js';

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
  details: {},
  since: before(4 * MINUTE_MS),
  secret_fingerprint: 'ab12cd34',
  registered_at: before(4 * MINUTE_MS),
  registered_by: 'token:t-admin',
  suspended_until: null,
  held_at: null,
  last_heartbeat_at: null,
  calls_in: 0,
  calls_out: 0,
  rtt_ms: null,
  last_good_at: null,
  next_retry_at: null,
  their_view: null,
  evidence: [],
  ...fields,
});

/** A peer to which all is well. */
export const connected = (fields: Partial<Peer> = {}): Peer =>
  peer({
    lifecycle: 'active',
    status: 'connected',
    health: 'up',
    reason: null,
    sentence: 'Both sides answer.',
    last_heartbeat_at: before(3000),
    last_good_at: before(2000),
    calls_in: 3,
    calls_out: 41,
    rtt_ms: 12.4,
    their_view: 'connected',
    evidence: ['f31', 't18'],
    ...fields,
  });

export const call = (fields: Partial<Call> = {}): Call => ({
  call_id: '01kb4x3m9v2e7xqh5rgd0t8ynw',
  direction: 'out',
  peer_id: 'lisbon-2',
  agent: 'planner',
  method: 'SendMessage',
  method_class: 'send',
  protocol_version: '1.0',
  binding: 'JSONRPC',
  rpc_id: '7',
  task_id: 'task-1',
  context_id: 'context-1',
  message_id: 'message-1',
  outcome: 'completed',
  reason: null,
  sentence: 'Answered.',
  http_status: 200,
  rpc_error_code: null,
  accepted_at: before(MINUTE_MS),
  ended_at: before(MINUTE_MS - 1204),
  first_byte_ms: 38,
  total_ms: 1204,
  request_bytes: 310,
  response_bytes: 2048,
  sse_events: null,
  rule_id: 'rule-1',
  rule_version: 17,
  caller: 'caller-1',
  key_id: 'key-1',
  trace_id: null,
  ...fields,
});

export const route = (fields: Partial<Route> = {}): Route => ({
  rule_id: 'rule-1',
  order: 1,
  direction: 'out',
  peer_id: 'lisbon-2',
  agent: 'planner',
  method_class: 'send',
  action: 'allow',
  target_url: null,
  note: '',
  version: 17,
  added_at: before(MINUTE_MS),
  added_by: 'token:t-admin',
  held: false,
  ...fields,
});

export const gateway = (fields: Partial<Gateway> = {}): Gateway => ({
  name: 'openclaw',
  capability: 'probe',
  state: 'ready',
  version: '2026.9.6',
  uptime_ms: 3 * 3_600_000,
  latency_ms: 4.2,
  sessions: 3,
  reason: null,
  sentence: 'Ready.',
  ...fields,
});

export const agent = (fields: Partial<EdgeAgent> = {}): EdgeAgent => ({
  agent_id: 'edge-1',
  label: 'berlin-3',
  hostname: 'berlin-3.local',
  lifecycle: 'active',
  status: 'connected',
  health: 'up',
  reason: null,
  sentence: 'Its tunnel answers.',
  details: {},
  since: before(2 * 60 * MINUTE_MS),
  version: '0.1.0',
  os: 'linux 6.12',
  started_at: before(5 * 60 * MINUTE_MS),
  connected_at: before(2 * 60 * MINUTE_MS),
  last_heartbeat_at: before(3000),
  last_sync_at: before(20_000),
  rtt_ms: 31,
  expected_back_at: null,
  held_at: null,
  ephemeral: false,
  enrolled_at: before(24 * 60 * MINUTE_MS),
  enrolled_by: 'token:t-admin',
  join_token_id: 'join-0',
  key_fingerprint: 'ef56ab78',
  gateways: [gateway()],
  cost: {
    day: '2026-11-22',
    usd: 4.1,
    tokens: 120_000,
    by_model: [{ model: 'large', usd: 4.1, tokens: 120_000 }],
    missing_cost_entries: 0,
    fresh: true,
  },
  evidence: ['f22', 't40'],
  ...fields,
});

/** One that died: what it said last stays. */
export const dead = agent({
  agent_id: 'edge-2',
  label: 'porto-7',
  hostname: 'porto-7.local',
  status: 'disconnected',
  health: 'down',
  reason: 'heartbeat_timeout',
  sentence: 'No frames for 50 s, grace over.',
  since: before(4 * MINUTE_MS),
  started_at: before(60 * MINUTE_MS),
  last_heartbeat_at: before(5 * MINUTE_MS),
  last_sync_at: before(6 * MINUTE_MS),
  rtt_ms: null,
  cost: { day: '2026-11-21', usd: 9.5, tokens: 200_000, by_model: [], missing_cost_entries: 2, fresh: false },
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
  details: {},
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
  size: 54,
  unreadable: null,
  voided: false,
};

export const projection = (fields: Partial<Projection> = {}): Projection => ({
  name: 'peer_directory',
  kind: 'projection',
  version: 4,
  stream: 'facts',
  state: 'running',
  position: 'f40',
  lag_events: 0,
  lag_seconds: 0,
  parked: 0,
  error: null,
  needs_release: null,
  building: null,
  rebuilt: null,
  ...fields,
});

/** Of the doctor. */
export const check = (fields: Partial<DoctorCheck> = {}): DoctorCheck => ({
  id: 'nats',
  title: 'NATS JetStream',
  state: 'ok',
  detail: 'nats://127.0.0.1:24222 answers in 1.2 ms, version 2.12.1; FACTS takes writes.',
  next: null,
  ...fields,
});

/** Of an event that somebody published by hand. */
export const parked = (fields: Partial<Parked> = {}): Parked => ({
  unit: 'row',
  value: 'lisbon-2',
  position: 'f13',
  subject: 'facts.federation.peer.lisbon-2',
  type: '',
  code: 'decode.missing-headers',
  detail: 'It has no ce-type and ce-dataschema, so no event store wrote it.',
  voidable: true,
  hash: HASH,
  skipped: 0,
  release: '0.2.0',
  parked_at: before(4 * MINUTE_MS),
  ...fields,
});

export const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** As a list shows it: without the headers of an event there is no type, no actor and no time. */
export const poisoned: EventEntry = {
  ...registered,
  position: 'f13',
  id: '',
  type: '',
  version: 0,
  at: '',
  actor: '',
  correlation_id: '',
  causation_id: '',
  data: null,
  size: 9,
  unreadable: { code: 'decode.missing-headers', detail: 'It has no ce-type and ce-dataschema, so no event store wrote it.' },
};
