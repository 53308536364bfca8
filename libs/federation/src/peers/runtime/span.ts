import type { LinkPolicy } from './policy.js';

/** Since when something comes again and again, and when it came last: moments of `Clock.nowMs`. */
export interface Span {
  readonly sinceMs: number;
  readonly atMs: number;
}

/**
 * Whether it has stopped: a peer that is refused tries again within its back-off, and does not when the other side was removed there. So
 * what is known of its refusals ends a moment after its next attempt was due.
 */
export function isOver({ sinceMs, atMs }: Span, nowMs: number, { backoff, totalTimeoutMs, slackMs }: LinkPolicy): boolean {
  const capMs = atMs - sinceMs < backoff.capForMs - backoff.capMs ? backoff.capMs : backoff.laterCapMs;
  return nowMs - atMs > capMs + totalTimeoutMs + slackMs;
}

export const seenAgain = (before: Span | undefined, nowMs: number, policy: LinkPolicy): Span => ({
  sinceMs: before === undefined || isOver(before, nowMs, policy) ? nowMs : before.sinceMs,
  atMs: nowMs,
});
