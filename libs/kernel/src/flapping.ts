/** How changes among the last evaluations are scored. Newer changes weigh more. */
export interface FlapScore {
  /** Number of evaluations that are looked at. */
  readonly evaluations: number;
  /** Weight of the oldest and of the newest change. */
  readonly oldest: number;
  readonly newest: number;
  /** Shares of the highest score, 0 to 1, at which flapping starts and ends. */
  readonly start: number;
  readonly stop: number;
}

/** When something counts as flapping, and when it counts as an outage instead. */
export interface FlapPolicy extends FlapScore {
  /** The statuses that are down. */
  readonly down: readonly string[];
  /** Being down for this long without a break is an outage, ms. */
  readonly outageMs: number;
}

export const FLAP_SCORE: FlapScore = { evaluations: 21, oldest: 0.75, newest: 1.25, start: 0.3, stop: 0.2 };

/** What something was at its last evaluations, the newest last. Milliseconds of one clock. */
export type StatusHistory = readonly { readonly atMs: number; readonly status: string }[];

/**
 * Whether something flaps. It is in one of two states:
 *
 *   steady     -> flapping when the score of its course reaches `start`.
 *   flapping   -> steady when the score is `stop` or less, and at once when it is an outage: down for `outageMs` without a break.
 *
 * An outage is shown as what it is, and counting starts anew. The score starts it high and stops it low, so that flapping does not itself flap.
 */
export interface Flap {
  readonly statusHistory: StatusHistory;
  readonly isFlapping: boolean;
}

export const STEADY: Flap = { statusHistory: [], isFlapping: false };

/** One evaluation more. */
export function evaluatedAs(flap: Flap, status: string, atMs: number, policy: FlapPolicy): Flap {
  const statusHistory = [...flap.statusHistory, { atMs, status }].slice(-policy.evaluations);
  const score = restlessness(statusHistory, policy);
  const isFlapping = score >= policy.start || (flap.isFlapping && score > policy.stop);
  return unlessOutage({ statusHistory, isFlapping }, atMs, policy);
}

/** Once something has been down for too long, nothing of what it did before that counts. */
function unlessOutage(flap: Flap, nowMs: number, { down, outageMs }: FlapPolicy): Flap {
  const lastUp = flap.statusHistory.findLastIndex(({ status }) => !down.includes(status));
  const downSince = flap.statusHistory[lastUp + 1];
  return downSince !== undefined && nowMs - downSince.atMs >= outageMs ? STEADY : flap;
}

/**
 * The same for what is judged much more often than it is sampled: an evaluation counts when the status changed, or when `everyMs` have passed
 * since the one that counted last.
 */
export function watchedAs(flap: Flap, status: string, atMs: number, everyMs: number, policy: FlapPolicy): Flap {
  const last = flap.statusHistory.at(-1);
  const isCounted = last?.status !== status || atMs - last.atMs >= everyMs;
  return isCounted ? evaluatedAs(flap, status, atMs, policy) : unlessOutage(flap, atMs, policy);
}

/** How restless something is, 0 to 1. Evaluations there have not been yet count as quiet. */
export function restlessness(statusHistory: StatusHistory, { evaluations, oldest, newest }: FlapScore): number {
  const gaps = evaluations - 1; // Between two evaluations something changed, or did not.
  const changes = statusHistory.slice(-evaluations).map(({ status }, i, all) => i > 0 && all[i - 1]?.status !== status);
  const weightAt = (fromEnd: number): number => newest - ((newest - oldest) * fromEnd) / (gaps - 1);
  const weights = changes.map((changed, i) => (changed ? weightAt(changes.length - 1 - i) : 0));
  const most = ((oldest + newest) / 2) * gaps;
  return weights.reduce((sum, weight) => sum + weight, 0) / most;
}

/** What the sentence about it is made of: number of changes, over how long, ms, and what it is between two of them. */
export const flappingDetails = ({ statusHistory }: Flap): { changes: number; span_ms: number; now: string } => ({
  changes: statusHistory.filter(({ status }, i) => i > 0 && statusHistory[i - 1]?.status !== status).length,
  span_ms: (statusHistory.at(-1)?.atMs ?? 0) - (statusHistory[0]?.atMs ?? 0),
  now: statusHistory.at(-1)?.status ?? '',
});
