import { setImmediate } from 'node:timers/promises';
import { Clock, type Instant } from '@app/kernel';

export const NOW: Instant = '2026-02-01T12:00:00.000Z';
export const later = (minutes: number): Instant => new Date(Date.parse(NOW) + minutes * 60_000).toISOString() as Instant;

/** Time that passes when a test says so, and everything due in it happens in its order. Both its clocks show the same until `setWall`. */
export class FakeClock extends Clock {
  private wallAheadMs = 0;
  private readonly due: { readonly atMs: number; readonly run: () => void }[] = [];

  constructor(private ms = Date.parse(NOW)) {
    super();
  }

  override wallMs(): number {
    return this.ms + this.wallAheadMs;
  }

  override nowMs(): number {
    return this.ms;
  }

  override after(delayMs: number, run: () => void): () => void {
    const one = { atMs: this.ms + delayMs, run };
    this.due.push(one);
    return () => {
      const at = this.due.indexOf(one);
      if (at !== -1) this.due.splice(at, 1);
    };
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.ms + ms;
    await setImmediate(); // What was set off before this settles first.
    for (;;) {
      const next = this.due.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.due.splice(this.due.indexOf(next), 1);
      this.ms = Math.max(this.ms, next.atMs);
      next.run();
      await setImmediate();
    }
    this.ms = untilMs;
  }

  /** As for a machine that slept: what was due meanwhile happens late, once time passes again. */
  jump(ms: number): void {
    this.ms += ms;
  }

  /** As when a machine is set right: no time passes, and what it shows from here on is so much later, or earlier. */
  setWall(byMs: number): void {
    this.wallAheadMs += byMs;
  }

  get pending(): number {
    return this.due.length;
  }
}
