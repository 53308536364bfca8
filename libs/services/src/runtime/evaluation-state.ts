import { type Details, type Flap, STEADY } from '@app/kernel';
import type { ComponentStatus } from '../events/component-status.js';
import type { Reason } from '../events/reason.js';

/** What was judged by: how many of the newest probes, or the statuses on which other components. */
export interface Evidence {
  readonly probes: number;
  readonly components: readonly string[];
}
const NOTHING: Evidence = { probes: 0, components: [] };

export interface StatusFinding {
  readonly status: ComponentStatus;
  /** null: green. */
  readonly reason: Reason | null;
  /** What its sentence is made of. */
  readonly details: Details;
  readonly evidence: Evidence;
}

/** A judgement as it is said to others. Times are milliseconds since 1970. */
export interface EvaluatedStatus extends StatusFinding {
  readonly sinceMs: number;
  /** When a probe last found nothing red; null: never. */
  readonly lastGoodMs: number | null;
}

/** One probe, as much of it as later evaluations need. */
export interface Entry {
  readonly ok: boolean;
  readonly latencyMs: number | null;
  /** It was above an amber limit by itself. */
  readonly breach: boolean;
}

/** What `deriveStatus` keeps from one evaluation to the next. */
export interface Memory {
  /** What the component is, before anything is shown damped. */
  readonly evaluation: StatusFinding;
  /** The newest last. */
  readonly window: readonly Entry[];
  /** Failures in a row, and when the first of them was. */
  readonly failures: number;
  readonly failingSinceMs: number | null;
  /** Good probes in a row. */
  readonly good: number;
  /** Evaluations in a row well below every limit. */
  readonly calm: number;
  /** While recovering: since when without a fault. */
  readonly cleanSinceMs: number;
  readonly startingSinceMs: number | null;
  readonly lastResultMs: number;
  /** When this observer began to look. */
  readonly beganMs: number;
  /** What it was judged to be at the last evaluations, and whether that is flapping. */
  readonly flap: Flap;
  /** A new reason for the same status, seen once. */
  readonly otherReason: Reason | null;
}

export interface EvaluationState {
  readonly evaluated: EvaluatedStatus;
  readonly memory: Memory;
}

/** A component nobody has probed yet. */
export const neverProbed = (nowMs: number): EvaluationState =>
  resumed({ status: 'unknown', reason: 'never_connected', details: {}, sinceMs: nowMs, lastGoodMs: null }, nowMs);

/** As if all that is remembered had been so much earlier. What was said, and when, was said. */
export function earlier({ evaluated, memory }: EvaluationState, byMs: number): EvaluationState {
  const { failingSinceMs, startingSinceMs, cleanSinceMs, lastResultMs, flap } = memory;
  return {
    evaluated,
    memory: {
      ...memory,
      failingSinceMs: failingSinceMs === null ? null : failingSinceMs - byMs,
      startingSinceMs: startingSinceMs === null ? null : startingSinceMs - byMs,
      cleanSinceMs: cleanSinceMs - byMs,
      lastResultMs: lastResultMs - byMs,
      beganMs: memory.beganMs - byMs,
      flap: { ...flap, statusHistory: flap.statusHistory.map(({ atMs, status }) => ({ atMs: atMs - byMs, status })) },
    },
  };
}

/** The last status as the log has it, with nothing remembered of what led to it. */
export function resumed(last: Omit<EvaluatedStatus, 'evidence'>, nowMs: number): EvaluationState {
  const evaluatedStatus = { ...last, evidence: NOTHING };
  return {
    evaluated: evaluatedStatus,
    memory: {
      evaluation: evaluatedStatus,
      window: [],
      failures: 0,
      failingSinceMs: null,
      good: 0,
      calm: 0,
      cleanSinceMs: nowMs,
      startingSinceMs: null,
      lastResultMs: nowMs,
      beganMs: nowMs,
      flap: STEADY,
      otherReason: null,
    },
  };
}
