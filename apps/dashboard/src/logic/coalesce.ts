/** A timer the browser has and a test brings its own of. */
export interface Timer {
  now(): number;
  after(ms: number, run: () => void): unknown;
}

export const browserTimer: Timer = { now: () => Date.now(), after: (ms, run) => setTimeout(run, ms) };

/**
 * Gathers what arrives and hands it on at most once in `everyMs`. Of two items with the same key the later replaces the earlier,
 * and moves to the end: the order handed on is the order in which each key was last heard of. The first item after a pause
 * waits only for the current task, so that a burst in one chunk is one batch.
 */
export class Coalescer<T> {
  private waiting = new Map<string, T>();
  private scheduled = false;
  private flushedAt = -Infinity;

  constructor(
    private readonly everyMs: number,
    private readonly keyOf: (item: T) => string,
    private readonly flush: (items: T[]) => void,
    private readonly timer: Timer = browserTimer,
  ) {}

  push(item: T): void {
    const key = this.keyOf(item);
    this.waiting.delete(key);
    this.waiting.set(key, item);
    if (this.scheduled) return;
    this.scheduled = true;
    this.timer.after(Math.max(0, this.flushedAt + this.everyMs - this.timer.now()), () => this.release());
  }

  /** Forgets what waits and is meant by `which`: something newer than it was asked for. */
  drop(which: (item: T) => boolean): void {
    for (const [key, item] of this.waiting) if (which(item)) this.waiting.delete(key);
  }

  private release(): void {
    this.scheduled = false;
    if (this.waiting.size === 0) return;
    const items = [...this.waiting.values()];
    this.waiting.clear();
    this.flushedAt = this.timer.now();
    this.flush(items);
  }
}
