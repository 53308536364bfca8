/**
 * What the API says on the wire, as far as `ap` reads it. Field names are the wire's; instants are RFC 3339 UTC texts, `_ms`
 * are milliseconds.
 */
export type Health = 'up' | 'degraded' | 'down' | 'unknown';
export type Role = 'viewer' | 'operator' | 'admin';

export const ROLES = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[];
export const HEALTHS = ['up', 'degraded', 'down', 'unknown'] as const satisfies readonly Health[];
export const STREAMS = ['facts', 'telemetry'] as const;
export const PEER_STATUSES = [
  'pending',
  'connected',
  'degraded',
  'disconnected',
  'auth_failed',
  'incompatible',
  'suspended',
  'unknown',
] as const;
export const COMPONENT_STATUSES = ['green', 'amber', 'red', 'recovering', 'unknown'] as const;

export interface Warning {
  code: string;
  detail: string;
}

/** Around the data of every GET. */
export interface Answer<T> {
  /** When it was read, by the server's clock. Null, like `position`, only where `ap` answers by itself. */
  as_of: string | null;
  /** Opaque; a later read takes it as `after`. */
  position: string | null;
  lag_ms: number | null;
  warnings: Warning[];
  data: T;
  next_cursor?: string | undefined;
}

/** What a command answers: from where on a reader sees its effect. */
export interface Accepted {
  position: string;
}

/** RFC 9457. `status` is absent when `ap` itself has the problem. */
export interface Problem {
  type: string;
  title: string;
  status?: number;
  code: string;
  detail: string;
  next: string;
  facts?: Record<string, string | number | null>;
  errors?: { field: string; message: string }[];
}

export interface Peer {
  peer_id: string;
  remote_peer_id: string;
  label: string;
  url: string;
  lifecycle: 'pending' | 'active' | 'suspended';
  status: (typeof PEER_STATUSES)[number];
  health: Health;
  reason: string | null;
  sentence: string;
  since: string;
  secret_fingerprint: string;
  registered_at: string;
  registered_by: string;
  suspended_until: string | null;
  last_heartbeat_at: string | null;
  calls_in: number;
  calls_out: number;
}

export interface PeerAdded extends Accepted {
  peer_id: string;
  /** Only when it was generated, and only this once. */
  outbound_secret?: string;
}

export interface HistoryMinute {
  minute: string;
  good: number;
  bad: number;
  worst: 'green' | 'amber' | 'red' | 'unknown';
}

export interface Component {
  component_id: string;
  kind: 'api' | 'postgresql' | 'valkey' | 'nats' | 'projections' | 'gateway' | 'gateways';
  name: string;
  target: string | null;
  status: (typeof COMPONENT_STATUSES)[number];
  health: Health;
  reason: string | null;
  sentence: string;
  since: string;
  last_good_at: string | null;
  next_probe_at: string | null;
  critical: boolean;
  latency_ms: number | null;
  p95_ms: number | null;
  last_probe_at: string | null;
  capability: 'http' | null;
  version: string | null;
  history: HistoryMinute[];
  evidence: string[];
  observed: 'facts' | 'live';
}

/** One line of the overview, of whatever kind. */
export interface OverviewItem {
  kind: 'peer' | 'edge' | 'svc';
  id: string;
  name: string;
  status: string;
  health: Health;
  since: string;
  reason: string | null;
  sentence: string;
  latency_ms: number | null;
  last_seen: string | null;
}

export interface SectionCounts {
  total: number;
  up: number;
  degraded: number;
  down: number;
  unknown: number;
}

export interface Overview {
  verdict: Health;
  sentence: string;
  server_time: string;
  instance_id: string;
  sections: { federation: SectionCounts; edge: SectionCounts; services: SectionCounts };
  problems: OverviewItem[];
}

export interface EventEntry {
  position: string;
  stream: (typeof STREAMS)[number];
  id: string;
  type: string;
  version: number;
  subject: string;
  at: string;
  actor: string;
  correlation_id: string | null;
  causation_id: string | null;
  data: unknown;
}

export interface Session {
  actor: string;
  role: Role;
  csrf_token: string | null;
  expires_at: string | null;
}

export interface WhoAmI extends Session {
  instance_id: string;
  server_time: string;
}

export interface TokenIssued extends Accepted {
  token_id: string;
  /** Shown only this once. */
  token: string;
}

export interface TokenEntry {
  token_id: string;
  name: string;
  role: Role;
  issued_at: string;
  issued_by: string;
  expires_at: string | null;
  revoked_at: string | null;
}
