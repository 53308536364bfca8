/** How often each may ask: an address, a peer, or all together under one key. */
export interface Rate {
  readonly perSecond: number;
  /** So many at once, when it was quiet before. */
  readonly burst: number;
  /** So many are remembered; the longest unseen is forgotten first, and begins anew. */
  readonly maxKeys: number;
}

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/** Counts what each asks, in memory that has a bound. `nowMs` of all: by a clock that does not go back. */
export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly rate: Rate) {}

  /** Whether one more is within the limit; it counts only then. */
  admits(key: string, nowMs: number): boolean {
    const { maxKeys } = this.rate;
    const left = this.left(key, nowMs);
    this.buckets.delete(key); // Set again it is the newest.
    this.buckets.set(key, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > maxKeys && oldest !== undefined) this.buckets.delete(oldest);
    return left >= 1;
  }

  /** One that was counted does not count after all. */
  giveBack(key: string, nowMs: number): void {
    if (this.buckets.has(key)) this.buckets.set(key, { left: Math.min(this.rate.burst, this.left(key, nowMs) + 1), atMs: nowMs });
  }

  /** Whether one more would be within the limit; it does not count. */
  wouldAdmit(key: string, nowMs: number): boolean {
    return this.left(key, nowMs) >= 1;
  }

  private left(key: string, nowMs: number): number {
    const { perSecond, burst } = this.rate;
    const before = this.buckets.get(key);
    return before === undefined ? burst : Math.min(burst, before.left + ((nowMs - before.atMs) / 1000) * perSecond);
  }
}
