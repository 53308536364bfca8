const WINDOW_MS = 60_000;
const MAX_FAILED = 10;
/** Past so many addresses the one that tried first is forgotten: memory is bounded, whatever comes from outside. */
const MAX_ADDRESSES = 10_000;

/**
 * Ten failed attempts a minute from one address; the minute begins with the first of them. An attempt counts as failed from its
 * start until it is forgiven, so that a hundred at once are not all the first.
 */
export class Attempts {
  private readonly windows = new Map<string, { readonly endsMs: number; failed: number }>();

  /** 0: go on. Else the milliseconds until one may, and this one does not count. */
  begin(address: string, nowMs: number): number {
    const known = this.windows.get(address);
    const window = known !== undefined && nowMs < known.endsMs ? known : { endsMs: nowMs + WINDOW_MS, failed: 0 };
    if (window.failed >= MAX_FAILED) return window.endsMs - nowMs;
    window.failed++;
    this.windows.set(address, window);
    for (const first of this.windows.keys()) {
      if (this.windows.size <= MAX_ADDRESSES) break;
      this.windows.delete(first);
    }
    return 0;
  }

  /** The attempt that began last did not fail. */
  forgive(address: string): void {
    const window = this.windows.get(address);
    if (window !== undefined && window.failed > 0) window.failed--;
  }
}
