import { FLAP_SCORE, type FlapPolicy } from '@app/kernel';

/** The thresholds by which an agent is judged. `Ms` milliseconds, `Share` 0 to 1. */
export interface AgentPolicy {
  /** Raised whenever a number here changes; every status names it. */
  readonly version: number;
  /** A tunnel that stands for so long, with a full report, is a connection. */
  readonly stableMs: number;
  /** So long after a broken connection nobody is called down. */
  readonly graceMs: number;
  /** As long as the longest back-off of an agent: what we did not see ourselves is unknown for so long, and longer in a crowd. */
  readonly observerGraceMs: number;
  /** Down for longer is stale. */
  readonly staleMs: number;
  /** 95 of 100 round trips of the last `rttWindow`, once there are `rttLeast`. */
  readonly slowMs: number;
  readonly rttWindow: number;
  readonly rttLeast: number;
  /** So many pings of the last `pongWindow` without an answer before the next. */
  readonly missedPongs: number;
  readonly pongWindow: number;
  /** Without a report for so many intervals. */
  readonly syncIntervals: number;
  readonly retryQueueShare: number;
  /** Share of the host's disk in use: degraded from `share` on, until it is below `calmShare`. */
  readonly disk: { readonly share: number; readonly calmShare: number };
  readonly skewMs: number;
  /** What is degraded by a threshold is so until it is below so much of it. */
  readonly calmBelow: number;
  /** When more than this share of all tunnels, and at least so many, break within `withinMs`, the observer is doubted. */
  readonly correlatedFailure: { readonly share: number; readonly atLeast: number; readonly withinMs: number };
  /** Two processes that take turns so often within `withinMs` have one identity; until only one of them was heard for as long. */
  readonly duplicate: { readonly turns: number; readonly withinMs: number; readonly silentMs: number };
  /** An agent that changes so often among its last evaluations is shown as flapping. An evaluation counts every `evaluationMs`, and at each change. */
  readonly flap: FlapPolicy;
  readonly evaluationMs: number;
  /** A sweep that is later than this has not looked: neither had anybody else. */
  readonly ownLatenessMs: number;
}

export const AGENT_POLICY: AgentPolicy = {
  version: 4,
  stableMs: 10_000,
  graceMs: 15_000,
  observerGraceMs: 70_000,
  staleMs: 24 * 3_600_000,
  slowMs: 750,
  rttWindow: 20,
  rttLeast: 5,
  missedPongs: 2,
  pongWindow: 5,
  syncIntervals: 3,
  retryQueueShare: 0.8,
  disk: { share: 0.9, calmShare: 0.87 },
  skewMs: 60_000,
  calmBelow: 0.8,
  correlatedFailure: { share: 0.5, atLeast: 3, withinMs: 15_000 },
  duplicate: { turns: 3, withinMs: 300_000, silentMs: 900_000 },
  flap: { ...FLAP_SCORE, down: ['out'], outageMs: 0 },
  evaluationMs: 15_000,
  ownLatenessMs: 5_000,
};
