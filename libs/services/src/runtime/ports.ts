import type { ObservedGateway } from '../seen-gateways.js';

/** Which components the log has ever heard of. */
export abstract class KnownComponents {
  /** Retired ones included. Throws when the log does not answer. */
  abstract ids(): Promise<string[]>;
}

/** How far read models are behind the log. */
export abstract class ProjectionLag {
  /** Throws when the log or PostgreSQL does not answer: then there is nothing to say of the projections. */
  abstract read(): Promise<
    readonly { projection: string; lag_events: number; lag_seconds: number; stalled_seconds: number; parked: number }[]
  >;
}

/** The gateways that edge agents see. */
export abstract class AgentGateways {
  /** Throws when PostgreSQL does not answer, or its table is being built. */
  abstract all(): Promise<readonly ObservedGateway[]>;
}
