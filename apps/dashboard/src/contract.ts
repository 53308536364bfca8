/** What the API says, as the page knows it. The one place that names its fields. */

/** RFC 3339, UTC, milliseconds. */
export type Instant = string;
/** Opaque: what a command answers with and a read takes as `after`. */
export type Position = string;

export type Health = 'up' | 'degraded' | 'down' | 'unknown';
export type Role = 'viewer' | 'operator' | 'admin';

export interface Warning {
  code: string;
  detail: string;
}

export interface Answer<T> {
  as_of: Instant;
  position: Position;
  lag_ms: number | null;
  warnings: Warning[];
  data: T;
  next_cursor?: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  next: string;
  facts?: Record<string, string | number | null>;
  errors?: { field: string; message: string }[];
}

export interface Accepted {
  position: Position;
}

export interface Session {
  actor: string;
  role: Role;
  csrf_token: string | null;
  expires_at: Instant | null;
  instance_id: string;
  server_time: Instant;
}

export interface SessionOpened {
  actor: string;
  role: Role;
  csrf_token: string;
  expires_at: Instant;
}

export type PeerStatus = 'pending' | 'connected' | 'degraded' | 'disconnected' | 'auth_failed' | 'incompatible' | 'suspended' | 'unknown';

export interface Peer {
  peer_id: string;
  remote_peer_id: string;
  label: string;
  url: string;
  lifecycle: 'pending' | 'active' | 'suspended';
  status: PeerStatus;
  health: Health;
  reason: string | null;
  sentence: string;
  since: Instant;
  secret_fingerprint: string;
  registered_at: Instant;
  registered_by: string;
  suspended_until: Instant | null;
  last_heartbeat_at: Instant | null;
  calls_in: number;
  calls_out: number;
}

export interface NewPeer {
  remote_peer_id: string;
  label: string;
  url: string;
  /** Absent: the server makes one and answers with it, once. */
  outbound_secret?: string;
}

export interface PeerAccepted extends Accepted {
  peer_id: string;
  outbound_secret?: string;
}

export type ComponentStatus = 'green' | 'amber' | 'red' | 'recovering' | 'unknown';

export interface Minute {
  minute: Instant;
  good: number;
  bad: number;
  worst: 'green' | 'amber' | 'red' | 'unknown';
}

export interface Component {
  component_id: string;
  kind: 'api' | 'postgresql' | 'valkey' | 'nats' | 'projections' | 'gateway' | 'gateways';
  name: string;
  target: string | null;
  status: ComponentStatus;
  health: Health;
  reason: string | null;
  sentence: string;
  since: Instant;
  last_good_at: Instant | null;
  next_probe_at: Instant | null;
  critical: boolean;
  latency_ms: number | null;
  p95_ms: number | null;
  last_probe_at: Instant | null;
  capability: 'http' | null;
  version: string | null;
  /** The last 60 minutes, oldest first; a minute without a probe is absent. */
  history: Minute[];
  evidence: Position[];
  /** `live`: what the API saw itself while the log or PostgreSQL was down. */
  observed: 'facts' | 'live';
}

export interface SectionCount {
  total: number;
  up: number;
  degraded: number;
  down: number;
  unknown: number;
}

export interface OpenProblem {
  kind: 'peer' | 'edge' | 'svc';
  id: string;
  name: string;
  status: string;
  health: Health;
  since: Instant;
  reason: string | null;
  sentence: string;
  latency_ms: number | null;
  last_seen: Instant | null;
}

export interface Overview {
  verdict: Health;
  sentence: string;
  server_time: Instant;
  instance_id: string;
  sections: { federation: SectionCount; edge: SectionCount; services: SectionCount };
  problems: OpenProblem[];
}

export interface RecordedEvent {
  position: Position;
  stream: 'facts' | 'telemetry';
  id: string;
  type: string;
  version: number;
  subject: string;
  at: Instant;
  actor: string;
  correlation_id: string | null;
  causation_id: string | null;
  data: Record<string, unknown>;
}

/** The sections whose rows the stream carries. */
export type LiveSection = 'federation' | 'edge' | 'services';

export interface Hello {
  server_time: Instant;
  position: Position;
}

/** One row as it is now; `data: null`: it is gone. */
export interface Patch {
  section: LiveSection;
  id: string;
  position: Position;
  data: Peer | Component | null;
}

/** What must be read again: this section, or everything. */
export interface Reset {
  section?: LiveSection;
}
