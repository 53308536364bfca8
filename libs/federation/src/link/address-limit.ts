/** How often one address may ask. */
export interface Rate {
  readonly perSecond: number;
  /** So many at once, when it was quiet before. */
  readonly burst: number;
  /** So many addresses are remembered; the longest unseen is forgotten first, and begins anew. */
  readonly maxAddresses: number;
}

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/** Counts what each address asks, in memory that has a bound. */
export class AddressLimit {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly rate: Rate) {}

  /** Whether one more is within the limit; it counts only then. `nowMs`: by a clock that does not go back. */
  admits(address: string, nowMs: number): boolean {
    const { perSecond, burst, maxAddresses } = this.rate;
    const before = this.buckets.get(address) ?? { left: burst, atMs: nowMs };
    const left = Math.min(burst, before.left + ((nowMs - before.atMs) / 1000) * perSecond);
    this.buckets.delete(address); // Set again it is the newest.
    this.buckets.set(address, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > maxAddresses && oldest !== undefined) this.buckets.delete(oldest);
    return left >= 1;
  }
}
