import type {
  Component,
  EdgeAgent,
  Minute,
  Overview,
  OpenProblem,
  Peer,
  RecordedEvent,
  SectionCount,
} from '../../../apps/dashboard/src/contract.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** RFC 3339, so many milliseconds before now. */
export const before = (ms: number): string => new Date(Date.now() - ms).toISOString();

/** Sixty minutes; `said` gives what a minute, 0 the current one, was like: good and bad probes, or nothing. */
export function history(said: (minutesAgo: number) => [good: number, bad: number, worst: Minute['worst']] | null): Minute[] {
  const current = Date.now() - (Date.now() % MINUTE);
  return Array.from({ length: 60 }, (_, index) => 59 - index).flatMap((ago) => {
    const minute = said(ago);
    return minute === null
      ? []
      : [{ minute: new Date(current - ago * MINUTE).toISOString(), good: minute[0], bad: minute[1], worst: minute[2] }];
  });
}

const calm = history(() => [4, 0, 'green']);

export function component(over: Partial<Component> & Pick<Component, 'component_id' | 'kind' | 'name'>): Component {
  return {
    target: null,
    status: 'green',
    health: 'up',
    reason: null,
    sentence: 'Answers as it should.',
    details: {},
    since: before(26 * HOUR),
    last_good_at: before(4 * SECOND),
    next_probe_at: before(-11 * SECOND),
    critical: true,
    latency_ms: 3.2,
    p95_ms: 6.1,
    last_probe_at: before(4 * SECOND),
    capability: null,
    version: null,
    agent_gateways_total: 0,
    agent_gateways: [],
    history: calm,
    evidence: ['t90112'],
    observed: 'facts',
    ...over,
  };
}

export const components = (): Component[] => [
  component({ component_id: 'api', kind: 'api', name: 'API', target: '127.0.0.1:4600', latency_ms: 2.1, p95_ms: 4.8 }),
  component({
    component_id: 'postgresql',
    kind: 'postgresql',
    name: 'PostgreSQL',
    target: '127.0.0.1:41233/clawbutler',
    version: '18.4',
    latency_ms: 1.4,
    p95_ms: 3.9,
  }),
  component({
    component_id: 'valkey',
    kind: 'valkey',
    name: 'Valkey',
    target: '127.0.0.1:41297',
    critical: false,
    status: 'amber',
    health: 'degraded',
    reason: 'slow',
    sentence: 'p95 of the last 8 probes is 64 ms, above 20 ms.',
    since: before(38 * SECOND),
    latency_ms: 61.7,
    p95_ms: 64,
    version: '8.0.1',
    history: history((ago) => (ago < 2 ? [4, 0, 'amber'] : ago > 44 && ago < 48 ? null : [4, 0, 'green'])),
    evidence: ['t90101', 't90107', 't90112'],
  }),
  component({
    component_id: 'nats',
    kind: 'nats',
    name: 'NATS JetStream',
    target: '127.0.0.1:41218',
    version: '2.15.1',
    latency_ms: 0.7,
    p95_ms: 1.2,
  }),
  component({ component_id: 'projections', kind: 'projections', name: 'Projections', latency_ms: null, p95_ms: null }),
  component({
    component_id: 'gateways',
    kind: 'gateways',
    name: 'Gateways',
    status: 'amber',
    health: 'degraded',
    reason: 'dependency_down',
    sentence: '1 of 2 gateways is down: lisbon.',
    since: before(4 * MINUTE),
    latency_ms: null,
    p95_ms: null,
    history: history((ago) => (ago < 5 ? [1, 1, 'amber'] : [2, 0, 'green'])),
  }),
  component({
    component_id: 'gateway-berlin',
    kind: 'gateway',
    name: 'berlin',
    target: 'http://10.0.4.7:18789',
    capability: 'http',
    version: '2026.9.6',
    latency_ms: 12.4,
    p95_ms: 19,
    critical: false,
  }),
  component({
    component_id: 'gateway-lisbon',
    kind: 'gateway',
    name: 'lisbon',
    target: 'http://10.0.7.3:18789',
    capability: 'http',
    version: '2026.9.6',
    status: 'red',
    health: 'down',
    reason: 'connect_refused',
    sentence: '2 probes in a row failed: 10.0.7.3:18789 refuses connections.',
    since: before(4 * MINUTE + 12 * SECOND),
    last_good_at: before(5 * MINUTE),
    latency_ms: null,
    p95_ms: 22,
    critical: false,
    history: history((ago) => (ago < 4 ? [0, 2, 'red'] : ago === 4 ? [1, 1, 'red'] : ago === 21 ? [1, 1, 'amber'] : [2, 0, 'green'])),
  }),
];

export function peer(over: Partial<Peer> & Pick<Peer, 'peer_id' | 'label'>): Peer {
  return {
    remote_peer_id: `inst-${over.peer_id.slice(5)}`,
    url: `https://${over.label.toLowerCase().replaceAll(/\W+/g, '-')}.example`,
    lifecycle: 'pending',
    status: 'pending',
    health: 'unknown',
    reason: 'never_connected',
    sentence: 'Waiting for the mutual challenge: this side has registered the peer; the other side has not answered yet.',
    details: {},
    since: before(3 * HOUR),
    secret_fingerprint: 'sha256:5d0f31c2a7e4',
    key_fingerprint: '21fe-31df-a154-a261-626b-f854-046f-d227',
    key_pinned_at: before(3 * HOUR),
    registered_at: before(3 * HOUR),
    registered_by: 'session:1f6e2c30-88d4-4f0e-9d51-0c8a2f1b7a11',
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
    ...over,
  };
}

const connected = {
  lifecycle: 'active',
  status: 'connected',
  health: 'up',
  reason: null,
  sentence: 'Round trips both ways.',
  details: {},
  their_view: 'connected',
} as const;

/** Of every kind the page knows. */
export const peers = (): Peer[] => [
  peer({ peer_id: 'peer-3f2a91bc04de77a1', label: 'Lisbon' }),
  peer({
    peer_id: 'peer-77c01d5e9a2b4410',
    label: 'Oslo archive',
    ...connected,
    since: before(9 * HOUR),
    last_heartbeat_at: before(6 * SECOND),
    last_good_at: before(4 * SECOND),
    rtt_ms: 42.4,
    evidence: ['t90108', 't90111'],
    calls_in: 412,
    calls_out: 96,
  }),
  peer({
    peer_id: 'peer-9e21b0c47d3f5582',
    label: 'Kyoto research',
    ...connected,
    since: before(52 * HOUR),
    last_heartbeat_at: before(11 * SECOND),
    last_good_at: before(2 * SECOND),
    rtt_ms: 231,
    calls_in: 18,
    calls_out: 1204,
  }),
  peer({
    peer_id: 'peer-c4d7a0f1e8b26693',
    label: 'Porto',
    lifecycle: 'suspended',
    status: 'suspended',
    reason: 'suspended_by_operator',
    sentence: 'Suspended by an operator until further notice: moving to the new rack',
    since: before(26 * HOUR),
  }),
  peer({
    peer_id: 'peer-e5f8b1a2c9d37704',
    label: 'Nairobi',
    lifecycle: 'active',
    status: 'auth_failed',
    health: 'down',
    reason: 'auth_rejected',
    sentence: 'It answered 401 to a signed heartbeat: reachable, but not authorised.',
    since: before(14 * MINUTE),
    last_heartbeat_at: before(14 * MINUTE),
    last_good_at: before(15 * MINUTE),
    next_retry_at: before(-38 * SECOND),
    their_view: 'auth_failed',
    rtt_ms: 88,
    calls_in: 3,
    calls_out: 0,
  }),
];

const count = (rows: readonly { health: string; status: string }[]): SectionCount => {
  const of = (health: string): number => rows.filter((row) => row.health === health).length;
  const are = (status: string): number => rows.filter((row) => row.status === status).length;
  const unwatched = { pending: are('pending'), enrolled: are('enrolled'), suspended: are('suspended'), revoked: are('revoked') };
  return {
    total: rows.length,
    up: of('up'),
    degraded: of('degraded'),
    down: of('down'),
    unknown: of('unknown'),
    unwatched,
    building: false,
  };
};

/** Words of a life and not of a health: nobody judges these. */
const APART = new Set<string>(['pending', 'suspended', 'enrolled', 'revoked']);

export function overview(allPeers: readonly Peer[], allAgents: readonly EdgeAgent[], allComponents: readonly Component[]): Overview {
  const problems: OpenProblem[] = [
    ...allPeers.map((one) => ({
      ...one,
      kind: 'peer' as const,
      id: one.peer_id,
      name: one.label,
      latency_ms: null,
      last_seen: one.last_heartbeat_at,
    })),
    ...allAgents.map((one) => ({
      ...one,
      kind: 'edge' as const,
      id: one.agent_id,
      name: one.label || one.hostname || one.agent_id,
      latency_ms: one.rtt_ms,
      last_seen: one.last_heartbeat_at,
    })),
    ...allComponents.map((one) => ({ ...one, kind: 'svc' as const, id: one.component_id, last_seen: one.last_probe_at })),
  ]
    .filter(({ health }) => health === 'down' || health === 'degraded')
    .map(({ kind, id, name, status, health, since, reason, sentence, latency_ms, last_seen }) => ({
      kind,
      id,
      name,
      status,
      health,
      since,
      reason,
      sentence,
      latency_ms,
      last_seen,
    }));
  const evaluated = [...allPeers, ...allAgents, ...allComponents].filter(({ status }) => !APART.has(status));
  const up = evaluated.filter(({ health }) => health === 'up').length;
  return {
    verdict: problems.some(({ health }) => health === 'down') ? 'down' : problems.length > 0 ? 'degraded' : up > 0 ? 'up' : 'unknown',
    sentence: `${problems.length === 0 ? 'No problems' : `${problems.length} problem${problems.length === 1 ? '' : 's'}`} · ${up}/${evaluated.length} healthy`,
    server_time: before(0),
    instance_id: 'inst-7f3q9k2m',
    sections: { federation: count(allPeers), edge: count(allAgents), services: count(allComponents) },
    problems,
  };
}

export function event(over: Partial<RecordedEvent> & Pick<RecordedEvent, 'position' | 'type' | 'subject' | 'at'>): RecordedEvent {
  return {
    stream: 'facts',
    id: `0c5f1b9a-41d7-5c8e-9a55-${over.position.padStart(12, '0')}`,
    version: 1,
    actor: 'system:prober',
    correlation_id: '7d1c2a90-5b3e-4c6f-8a21-9e0d4f7b1c33',
    causation_id: '7d1c2a90-5b3e-4c6f-8a21-9e0d4f7b1c33',
    data: {},
    size: 2,
    unreadable: null,
    voided: false,
    ...over,
  };
}

const OPERATOR = 'session:1f6e2c30-88d4-4f0e-9d51-0c8a2f1b7a11';
const changed = (
  position: string,
  ms: number,
  id: string,
  from: string,
  to: string,
  reason: string | null,
  sentence: string,
): RecordedEvent =>
  event({
    position,
    type: 'services.component.status-changed',
    subject: `facts.services.component.${id}`,
    at: before(ms),
    data: {
      component_id: id,
      from,
      to,
      reason,
      sentence,
      since: before(ms),
      evidence: ['t90107', 't90112'],
      latency_ms: null,
      policy_version: 1,
    },
  });

/** Newest first. */
export const facts = (): RecordedEvent[] => [
  changed('f412', 38 * SECOND, 'valkey', 'green', 'amber', 'slow', 'p95 of the last 8 probes is 64 ms, above 20 ms.'),
  changed('f411', 4 * MINUTE, 'gateways', 'green', 'amber', 'dependency_down', '1 of 2 gateways is down: lisbon.'),
  changed(
    'f410',
    4 * MINUTE + 12 * SECOND,
    'gateway-lisbon',
    'green',
    'red',
    'connect_refused',
    '2 probes in a row failed: 10.0.7.3:18789 refuses connections.',
  ),
  changed('f403', 21 * MINUTE, 'gateway-lisbon', 'recovering', 'green', null, 'Clean for 60 s.'),
  changed('f402', 22 * MINUTE + 4 * SECOND, 'gateway-lisbon', 'amber', 'recovering', 'error_rate', 'Two good probes.'),
  event({
    position: 'f398',
    type: 'federation.peer.suspended',
    subject: 'facts.federation.peer.peer-c4d7a0f1e8b26693',
    at: before(26 * HOUR),
    actor: OPERATOR,
    data: { peer_id: 'peer-c4d7a0f1e8b26693', note: 'moving to the new rack', until: null },
  }),
  event({
    position: 'f380',
    type: 'federation.peer.registered',
    subject: 'facts.federation.peer.peer-c4d7a0f1e8b26693',
    at: before(50 * HOUR),
    actor: OPERATOR,
    data: { peer_id: 'peer-c4d7a0f1e8b26693', remote_peer_id: 'inst-c4d7a0f1e8b26693', label: 'Porto', url: 'https://porto.example' },
  }),
];

export const probes = (): RecordedEvent[] =>
  Array.from({ length: 60 }, (_, index) =>
    event({
      position: `t${90_112 - index}`,
      stream: 'telemetry',
      type: 'services.health.probed',
      subject: `telemetry.services.health.${index % 2 === 0 ? 'valkey' : 'gateway-lisbon'}`,
      at: before(index * 5 * SECOND),
      data: { component_id: index % 2 === 0 ? 'valkey' : 'gateway-lisbon', ok: index % 2 === 0, latency_ms: index % 2 === 0 ? 61.7 : null },
    }),
  );
