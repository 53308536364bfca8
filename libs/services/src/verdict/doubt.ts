import type { Policy } from './policy.js';
import type { Memory } from './standing.js';

/**
 * Whether a component that fails should be doubted less than whoever looked at it: it began to fail within the last grace
 * window, and more than half of all began with it. That is rather our network than all of theirs. The window over, it is
 * judged like any other.
 */
export function isDoubted(one: Memory, all: readonly Memory[], nowMs: number, { doubt }: Policy): boolean {
  const justBegan = ({ failingSinceMs }: Memory): boolean => failingSinceMs !== null && nowMs - failingSinceMs < doubt.graceMs;
  const many = all.filter(justBegan).length;
  return justBegan(one) && many >= doubt.atLeast && many > doubt.share * all.length;
}
