import type { components } from '../../../libs/api-types/src/api.generated.js';

/** What the API says, as the page knows it. The one place that names its fields. */

type Schemas = components['schemas'];

/** RFC 3339, UTC, milliseconds. */
export type Instant = string;
/** Opaque: what a command answers with and a read takes as `after`. */
export type Position = string;

export type Health = Schemas['Overview']['verdict'];
export type Role = Schemas['TokenEntry']['role'];

export type Warning = Schemas['Warning'];

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

export type Accepted = Schemas['Accepted'];

export type Session = Schemas['WhoAmI'];

export type SessionOpened = Schemas['SignedInView'];

export type PeerStatus = Peer['status'];

export type Peer = Schemas['Peer'];

export type NewPeer = Schemas['RegisterPeerBody'];

export type PeerAccepted = Schemas['PeerAccepted'];

export type NewLink = Schemas['TestLinkBody'];

/** What a challenge of the other side gave. */
export type LinkTest = Schemas['LinkTest'];

export type Call = Schemas['Call'];

export type Outcome = Call['outcome'];

export type Direction = Call['direction'];

export type Route = Schemas['Route'];

export type NewRoute = Schemas['AddRouteBody'];
export type RouteEdit = Schemas['EditRouteBody'];
export type AgentCheck = Schemas['AgentCheck'];

export type RouteQuestion = Schemas['TestRoute'];

export type RouteDecision = Schemas['RouteTested'];

export type EdgeAgent = Schemas['EdgeAgent'];

export type Gateway = Schemas['Gateway'];

export type EdgeCost = Schemas['DayCost'];

export type NewAgent = Schemas['IssueJoinTokenBody'];

/** Holds the join token: shown once. */
export type JoinLine = Schemas['IssuedJoinToken'];

export type Ping = Schemas['PingAnswer'];

export type ComponentStatus = Component['status'];

export type Minute = Schemas['HistoryMinute'];

export type Component = Schemas['Component'];

export type SectionCount = Schemas['SectionCount'];

export type OpenProblem = Schemas['ProblemEntry'];

export type Overview = Schemas['Overview'];

export type RecordedEvent = Schemas['EventEntry'];

/** One event with headers, body and hash, as the log keeps them. */
export type StoredEvent = Schemas['EventDetail'];

/** A read model or roll-up. */
export type Projection = Schemas['ProjectionEntry'];

/** A row or subject that stands still in a read model. */
export type Parked = Schemas['ParkedEntry'];

export type RetryOutcome = Schemas['RetryOutcome'];

/** The sections whose rows the stream carries. */
export type LiveSection = 'federation' | 'edge' | 'services';

export interface Hello {
  server_time: Instant;
  position: Position;
}

/** What the rows of the sections are made of. */
export type RowRecord = Peer | EdgeAgent | Component;

/** One row as it is now; `data: null`: it is gone. */
export interface Patch {
  section: LiveSection;
  id: string;
  position: Position;
  data: RowRecord | null;
}

/** What must be read again: this section, or everything. */
export interface Reset {
  section?: LiveSection;
}
