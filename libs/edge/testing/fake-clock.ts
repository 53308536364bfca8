import { setImmediate } from 'node:timers/promises';
import { NOW } from '@app/kernel/testing';
import { Clock } from '../src/live/clock.js';

/** Time that passes when a test says so, and everything due in it happens in its order. */
export class FakeClock extends Clock {
  private now = Date.parse(NOW);
  private readonly due: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.now;
  }

  wallMs(): number {
    return this.now;
  }

  after(delayMs: number, run: () => void): () => void {
    const one = { atMs: this.now + delayMs, run };
    this.due.push(one);
    return () => {
      const at = this.due.indexOf(one);
      if (at !== -1) this.due.splice(at, 1);
    };
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.now + ms;
    await setImmediate(); // What was set off before this settles first.
    for (;;) {
      const next = this.due.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.due.splice(this.due.indexOf(next), 1);
      this.now = Math.max(this.now, next.atMs);
      next.run();
      await setImmediate();
    }
    this.now = untilMs;
  }

  /** As for a process that did not run: everything that was due happens late, and at once. */
  jump(ms: number): void {
    this.now += ms;
  }

  get pending(): number {
    return this.due.length;
  }
}

/** Waits, for real, until something holds; says what it waited for when it does not come. */
export async function eventually(what: string, holds: () => boolean, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (let waitMs = 1; !holds(); waitMs = Math.min(waitMs * 1.5, 40)) {
    if (performance.now() > deadline) throw new Error(`it did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
