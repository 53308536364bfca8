import { FLAP_SCORE, type FlapScore } from '@app/kernel';
import type { ComponentKind } from '../events/component-kind.js';

/** What is measured and has a limit. `_ms` milliseconds; the others are shares of a whole, 0 to 1. */
export type Gauge = 'p95_ms' | 'event_loop_ms' | 'connections' | 'memory' | 'storage' | 'lag_ms' | 'stalled_ms' | 'starting_ms';
export type Limits = Readonly<Partial<Record<Gauge, number>>>;

/** How one kind of component is looked at and judged. */
export interface KindPolicy {
  readonly intervalMs: number;
  /** A probe that takes longer has failed. */
  readonly timeoutMs: number;
  /** So many failures in a row are red. */
  readonly failuresToRed: number;
  /** Above these, twice: amber. */
  readonly amber: Limits;
  /** Above these, once: red. Latency is never among them. */
  readonly red: Limits;
  /** The components without which this one cannot be judged: while one of them is red, this is nobody's fault. */
  readonly dependsOn: readonly string[];
}

export interface Policy {
  /** Raised whenever a number here changes; every status names it. */
  readonly version: number;
  readonly kinds: Readonly<Record<ComponentKind, KindPolicy>>;
  /** When to look again after the first, the second, ... failure in a row; counted from the first. */
  readonly reprobeAfterMs: readonly number[];
  /** Failures are counted over so many probes, latency over so many of the newest. */
  readonly failureWindow: number;
  readonly latencyWindow: number;
  readonly breachesToAmber: number;
  /** Share of `failureWindow`. */
  readonly failuresToAmber: number;
  /** Amber ends after so many evaluations in a row below `calmBelow` times each limit. */
  readonly calmEvaluations: number;
  readonly calmBelow: number;
  /** Red ends after so many good probes, and becomes green after so long without a fault. */
  readonly goodToRecover: number;
  readonly cleanMs: number;
  readonly unknownAfterIntervals: number;
  /** Latency is not held against a component so long after the observer began: then connections are new and caches are cold. */
  readonly firstSightMs: number;
  readonly flap: FlapScore;
  /** Red for so many intervals without a break is an outage, not flapping. One short outage is red for almost two. */
  readonly outageIntervals: number;
  /** When more than this share of all components, and at least so many, begin to fail within `graceMs`, the observer is doubted. */
  readonly correlatedFailure: { readonly share: number; readonly atLeast: number; readonly graceMs: number };
  /** A sample taken while our own event loop was later than this says more of us than of the component. */
  readonly ownLatenessMs: number;
  /** So many probes run at a time. */
  readonly concurrency: number;
}

const core = { intervalMs: 15_000, timeoutMs: 3_000, failuresToRed: 3, amber: {}, red: {}, dependsOn: [] } as const;

export const POLICY: Policy = {
  version: 3,
  kinds: {
    api: { ...core, amber: { p95_ms: 300, event_loop_ms: 100 } },
    postgresql: { ...core, amber: { p95_ms: 50, connections: 0.8 } },
    valkey: { ...core, timeoutMs: 1_000, amber: { p95_ms: 20, memory: 0.85 } },
    nats: { ...core, amber: { p95_ms: 50, storage: 0.75 }, red: { storage: 0.9 } },
    projections: {
      ...core,
      intervalMs: 5_000,
      amber: { lag_ms: 5_000 },
      red: { lag_ms: 30_000, stalled_ms: 10_000 },
      dependsOn: ['nats', 'postgresql'],
    },
    gateways: { ...core, intervalMs: 30_000, dependsOn: ['api', 'nats'] },
    gateway: {
      ...core,
      intervalMs: 30_000,
      timeoutMs: 10_000,
      failuresToRed: 2,
      amber: { p95_ms: 1_000 },
      red: { starting_ms: 120_000 },
      dependsOn: ['api', 'nats'],
    },
  },
  reprobeAfterMs: [2_000, 4_000],
  failureWindow: 10,
  latencyWindow: 8,
  breachesToAmber: 2,
  failuresToAmber: 0.2,
  calmEvaluations: 4,
  calmBelow: 0.8,
  goodToRecover: 2,
  cleanMs: 60_000,
  unknownAfterIntervals: 3,
  firstSightMs: 30_000,
  flap: FLAP_SCORE,
  outageIntervals: 4,
  correlatedFailure: { share: 0.5, atLeast: 3, graceMs: 15_000 },
  ownLatenessMs: 200,
  concurrency: 8,
};
