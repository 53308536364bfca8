import type { Filled } from '@app/event-store';

const DAY_MS = 86_400_000;
/** CALLS keeps thirteen months: so many days have a share of it. */
const KEPT_DAYS = 396;
/** Below HALF_FULL a day has so many shares; from there on fewer, until it has one at NEARLY_FULL. */
const MOST_SHARES = 20;
const HALF_FULL = 0.5;
const NEARLY_FULL = 0.9;

/** What one party may add to CALLS on one day, bytes. Infinity: the stream has no limit, or its size is not known yet. */
export function budgetOf(filled: Filled | null): number {
  if (filled === null) return Number.POSITIVE_INFINITY;
  const { bytes, maxBytes } = filled;
  const beyondHalf = Math.min(1, Math.max(0, (bytes / maxBytes - HALF_FULL) / (NEARLY_FULL - HALF_FULL)));
  return (maxBytes / KEPT_DAYS) * (MOST_SHARES - (MOST_SHARES - 1) * beyondHalf);
}

/** Milliseconds until the next day begins, UTC. */
export const untilTomorrow = (nowMs: number): number => DAY_MS - (nowMs % DAY_MS);

/**
 * Counts what the calls of each party add to CALLS within a day, UTC. A party is a peer, or a token of ours whose calls go out. In memory:
 * a process that starts begins with nothing spent, and each process that passes calls on counts for itself.
 */
export class WriteBudget {
  private spent = new Map<string, number>();
  private day = 0;

  /** `nowMs`: since 1970. */
  constructor(
    private readonly filled: () => Filled | null,
    private readonly nowMs: () => number,
  ) {}

  wrote(party: string, bytes: number): void {
    this.turn();
    this.spent.set(party, (this.spent.get(party) ?? 0) + bytes);
  }

  /** Whether the party has nothing left of today. */
  isSpent(party: string): boolean {
    this.turn();
    return (this.spent.get(party) ?? 0) >= budgetOf(this.filled());
  }

  private turn(): void {
    const day = Math.floor(this.nowMs() / DAY_MS);
    if (day === this.day) return;
    this.day = day;
    this.spent = new Map();
  }
}
