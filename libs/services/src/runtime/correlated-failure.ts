import type { Policy } from './policy.js';

/** When a component began to fail, milliseconds since 1970; null: it does not. */
type FailingSince = number | null;

/**
 * Whether a component that fails should be doubted less than whoever looked at it: it began to fail within the last grace
 * window, and more than half of all began with it. That is rather our network than all of theirs. The window over, it is
 * judged like any other.
 */
export function isCorrelatedFailure(
  one: FailingSince,
  all: readonly FailingSince[],
  nowMs: number,
  { correlatedFailure }: Policy,
): boolean {
  const justBegan = (since: FailingSince): boolean => since !== null && nowMs - since < correlatedFailure.graceMs;
  const many = all.filter(justBegan).length;
  return justBegan(one) && many >= correlatedFailure.atLeast && many > correlatedFailure.share * all.length;
}
