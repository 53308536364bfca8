import { FLAP_SCORE, type FlapScore } from '@app/kernel';

/** How links are kept and judged. Times are ms. */
export interface LinkPolicy {
  /** Raised whenever a number here changes; every status names it. */
  readonly version: number;
  /** The versions of the link protocol that this release speaks. */
  readonly protocol: { readonly min: number; readonly max: number };
  readonly heartbeatMs: number;
  /** Share of an interval by which it is longer or shorter, by chance. */
  readonly jitter: number;
  /** A sign of life is late after `late` intervals and `slackMs`, and missing after `gone` intervals and `slackMs`. */
  readonly late: number;
  readonly gone: number;
  readonly slackMs: number;
  /** A silence is red when so many attempts failed in it; so many hard failures in a row are red at once. */
  readonly failuresToRed: number;
  readonly hardFailuresToRed: number;
  /** Red ends after so many answers, each so long after the one counted before. */
  readonly goodToRecover: number;
  readonly recoverySpacingMs: number;
  /** p95 of the last `rttWindow` round trips above this is amber. */
  readonly slowMs: number;
  readonly rttWindow: number;
  /** Clocks that are further apart than this are worth a remark, and amber; taken at the quickest of the last `clockWindow` round trips. */
  readonly skewWarnMs: number;
  readonly skewMs: number;
  readonly clockWindow: number;
  /** When more than this share of all links, and at least so many, begin to fail within a grace window, the observer is doubted. */
  readonly correlatedFailure: { readonly share: number; readonly atLeast: number };
  /** A link that changes so often among its last evaluations is shown as flapping. An evaluation counts every interval, and at each change. */
  readonly flap: FlapScore;
  /** So often all links are judged; a job that is late by `gapMs` more was not late alone: the machine slept, or this process did. */
  readonly evaluateEveryMs: number;
  readonly gapMs: number;
  /** The first attempt is made within this, by chance: not all at once. */
  readonly startWithinMs: number;
  /** One answer within this tells a peer why it is refused, where its signature proves who it is. */
  readonly explainMs: number;
  readonly connectTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly backoff: {
    readonly firstMs: number;
    readonly capMs: number;
    /** After failing for so long, `laterCapMs` is the cap. */
    readonly capForMs: number;
    readonly laterCapMs: number;
    /** What is heard of the peer itself brings an attempt forward, but not nearer than this to the one before. */
    readonly leastMs: number;
    /** A Retry-After beyond this is cut. */
    readonly maxRetryAfterMs: number;
  };
}

export const POLICY: LinkPolicy = {
  version: 2,
  protocol: { min: 1, max: 1 },
  heartbeatMs: 15_000,
  jitter: 0.1,
  late: 1.5,
  gone: 3,
  slackMs: 5_000,
  failuresToRed: 2,
  hardFailuresToRed: 3,
  goodToRecover: 2,
  recoverySpacingMs: 5_000,
  slowMs: 1_000,
  rttWindow: 20,
  skewWarnMs: 5_000,
  skewMs: 60_000,
  clockWindow: 8,
  correlatedFailure: { share: 0.5, atLeast: 3 },
  flap: FLAP_SCORE,
  evaluateEveryMs: 1_000,
  gapMs: 5_000,
  startWithinMs: 1_000,
  explainMs: 60_000,
  connectTimeoutMs: 5_000,
  totalTimeoutMs: 10_000,
  backoff: {
    firstMs: 1_000,
    capMs: 60_000,
    capForMs: 900_000,
    laterCapMs: 300_000,
    leastMs: 5_000,
    maxRetryAfterMs: 3_600_000,
  },
};

export const lateMs = ({ late, heartbeatMs, slackMs }: LinkPolicy): number => late * heartbeatMs + slackMs;
/**
 * Also the grace window: for so long nothing that is merely missing is held against a peer, when it may be our fault. A link that is down for
 * longer is not flapping: that is an outage.
 */
export const goneMs = ({ gone, heartbeatMs, slackMs }: LinkPolicy): number => gone * heartbeatMs + slackMs;
