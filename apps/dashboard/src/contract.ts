import type { components } from './api.generated.js';

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

export type ComponentStatus = Component['status'];

export type Minute = Schemas['HistoryMinute'];

export type Component = Schemas['Component'];

export type SectionCount = Schemas['SectionCount'];

export type OpenProblem = Schemas['ProblemEntry'];

export type Overview = Schemas['Overview'];

export type RecordedEvent = Schemas['EventEntry'];

/** The sections whose rows the stream carries. */
export type LiveSection = 'federation' | 'services';

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
