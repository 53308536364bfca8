import { backoffMs } from '@app/kernel';
import type { LinkPolicy } from './policy.js';

/** An attempt that failed, and what is known of those before it. */
export interface Setback {
  /** Failures in a row since the back-off was last reset, this one included. */
  readonly failures: number;
  readonly failingForMs: number;
  /** What the other side asked for; null: nothing. */
  readonly retryAfterMs: number | null;
}

/** How long to wait, ms: anything up to a bound that doubles, so that many who failed together do not come back together. */
export function retryDelayMs({ failures, failingForMs, retryAfterMs }: Setback, chance: number, { backoff }: LinkPolicy): number {
  const cap = failingForMs < backoff.capForMs ? backoff.capMs : backoff.laterCapMs;
  const bound = backoffMs(failures, { firstMs: backoff.firstMs, longestMs: cap });
  return Math.max(chance * bound, Math.min(retryAfterMs ?? 0, backoff.maxRetryAfterMs));
}

/** `Retry-After: 120` or a date, as ms from now; null: it says nothing that can be understood. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
