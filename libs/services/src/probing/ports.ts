import type { NewEvent } from '@app/kernel';

/** Measurements, kept for sure: a verdict names the positions of those it rests on, and a probe of the log is one. */
export abstract class ProbeLog {
  /** Waits until the log has it; answers its position as a token. Throws when the log does not say so within `timeoutMs`. */
  abstract keep(event: NewEvent, timeoutMs: number): Promise<string>;
}

/** Which components the log has ever heard of. */
export abstract class KnownComponents {
  /** Retired ones included. Throws when the log does not answer. */
  abstract ids(): Promise<string[]>;
}

/** How far read models are behind the log. */
export abstract class ProjectionLag {
  /** Throws when the log or PostgreSQL does not answer: then there is nothing to say of the projections. */
  abstract read(): Promise<readonly { projection: string; lag_events: number; lag_seconds: number; stalled_seconds: number }[]>;
}
