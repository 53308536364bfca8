import type { components } from '../../../libs/api-types/src/api.generated.js';

/**
 * What the API says on the wire, as far as `ap` reads it. Field names are the wire's; instants are RFC 3339 UTC texts, `_ms`
 * are milliseconds.
 */
type Schemas = components['schemas'];

export type Health = Schemas['Overview']['verdict'];
export type Role = Schemas['TokenEntry']['role'];

export const ROLES = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[];
export const TOKEN_ROLES = [...ROLES, 'caller'] as const satisfies readonly Role[];
export const HEALTHS = ['up', 'degraded', 'down', 'unknown'] as const satisfies readonly Health[];
export const STREAMS = ['facts', 'calls', 'telemetry'] as const;
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
export const EDGE_STATUSES = [
  'enrolled',
  'connected',
  'degraded',
  'reconnecting',
  'restarting',
  'disconnected',
  'stale',
  'quarantined',
  'revoked',
  'unknown',
] as const satisfies readonly EdgeAgent['status'][];
export const DIRECTIONS = ['in', 'out'] as const satisfies readonly Call['direction'][];
export const OUTCOMES = ['open', 'completed', 'failed', 'aborted', 'denied', 'unknown'] as const satisfies readonly Call['outcome'][];
export const METHOD_CLASSES = ['read', 'send', 'admin'] as const satisfies readonly Call['method_class'][];
export const ACTIONS = ['allow', 'deny', 'route'] as const satisfies readonly Route['action'][];
export const COMPONENT_STATUSES = ['green', 'amber', 'red', 'recovering', 'unknown'] as const;

export type Warning = Schemas['Warning'];

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
export type Accepted = Schemas['Accepted'];

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

export type Peer = Schemas['Peer'];

export type PeerAdded = Schemas['PeerAccepted'];

/** What a try of the link to a peer came to; `reason` is a code, null where it is good. */
export type LinkTest = Schemas['LinkTest'];

export type Call = Schemas['Call'];

export type Route = Schemas['Route'];

export type RouteAdded = Schemas['RouteAccepted'];
export type RouteEdited = Schemas['RouteEditAccepted'];
export type AgentCheck = Schemas['AgentCheck'];

/** What the rules say to one call. */
export type RouteDecision = Schemas['RouteTested'];

export type EdgeAgent = Schemas['EdgeAgent'];

export type Gateway = Schemas['Gateway'];

export type Enrolment = Schemas['IssuedJoinToken'];

export type Ping = Schemas['PingAnswer'];

export type HistoryMinute = Schemas['HistoryMinute'];

export type Component = Schemas['Component'];

/** One line of the overview, of whatever kind. */
export type OverviewItem = Schemas['ProblemEntry'];

export type SectionCounts = Schemas['SectionCount'];

export type Overview = Schemas['Overview'];

export type EventEntry = Schemas['EventEntry'];

/** One event with headers, body and hash, as the log keeps them. */
export type EventDetail = Schemas['EventDetail'];

/** A read model or roll-up: how far it is, and how many of its rows stand still. */
export type Projection = Schemas['ProjectionEntry'];

/** A row or subject that stands still in one read model. */
export type Parked = Schemas['ParkedEntry'];

/** What one process found when it looked at everything that the instance stands on. */
export type Doctor = Schemas['DoctorReport'];

export type DoctorCheck = Schemas['DoctorCheck'];

export type RetryOutcome = Schemas['RetryOutcome'];

export type Session = Schemas['SignedInView'];

export type WhoAmI = Schemas['WhoAmI'];

export type TokenIssued = Schemas['IssuedToken'];

export type TokenEntry = Schemas['TokenEntry'];

/** One kind of calls that a token may make; null matches everything. */
export type CallBinding = Schemas['CallBindingEntry'];
