import type { ComponentKind } from '../events/component-kind.js';
import type { Policy } from './policy.js';
import type { Memory } from './evaluation-state.js';

/**
 * When to look next, milliseconds since 1970: soon after a failure, as long as it is open whether it is one; else at the next
 * beat of the component's own grid. The grid starts at a hash of the id, so that components of one kind are not all probed at once.
 */
export function nextProbeMs(componentId: string, kind: ComponentKind, memory: Memory, nowMs: number, policy: Policy): number {
  const { intervalMs, failuresToRed } = policy.kinds[kind];
  const { failures, failingSinceMs } = memory;
  const isOpen = failingSinceMs !== null && failures < failuresToRed;
  const againAfterMs = policy.reprobeAfterMs[failures - 1];
  // In no more than that: where the clock was set back, the first failure lies ahead, maybe by hours.
  if (isOpen && againAfterMs !== undefined) return nowMs + Math.min(againAfterMs, Math.max(0, failingSinceMs + againAfterMs - nowMs));
  const phaseMs = hash(componentId) % intervalMs;
  const intoBeatMs = (((nowMs - phaseMs) % intervalMs) + intervalMs) % intervalMs;
  return nowMs + intervalMs - intoBeatMs;
}

/** FNV-1a, 32 bits. */
export function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const char of text) sum = Math.imul(sum ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return sum >>> 0;
}
