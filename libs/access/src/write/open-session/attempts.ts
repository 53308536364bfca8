const WINDOW_MS = 60_000;
const MAX_FAILED = 10;
/** Past so many addresses the one that has been quiet longest is forgotten: memory is bounded, whatever comes from outside. */
const MAX_ADDRESSES = 10_000;

interface Window {
  readonly endsAt: number;
  failed: number;
}

/**
 * Ten failed attempts a minute from one address; the minute begins with the first of them. An attempt counts as failed from its
 * start until `forgive`, so that a hundred at once are not all the first.
 */
export class Attempts {
  /** By address; the longest quiet first. */
  private readonly windows = new Map<string, Window>();

  /** 0: go on. Else the milliseconds until one may, and this one does not count. */
  begin(address: string, now: number): number {
    const window = this.current(address, now);
    if (window.failed >= MAX_FAILED) return window.endsAt - now;
    window.failed++;
    this.windows.delete(address);
    this.windows.set(address, window);
    for (const quietest of this.windows.keys()) {
      if (this.windows.size <= MAX_ADDRESSES) break;
      this.windows.delete(quietest);
    }
    return 0;
  }

  /** The attempt that began last did not fail. */
  forgive(address: string): void {
    const window = this.windows.get(address);
    if (window !== undefined && window.failed > 0) window.failed--;
  }

  private current(address: string, now: number): Window {
    const window = this.windows.get(address);
    return window !== undefined && now < window.endsAt ? window : { endsAt: now + WINDOW_MS, failed: 0 };
  }
}
