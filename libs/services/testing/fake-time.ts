import { setImmediate } from 'node:timers/promises';
import { Clock, OwnLoop } from '../src/probing/clock.js';
import { T0 } from './course.js';

/** Time that passes when a test says so, and everything due in it happens in its order. */
export class FakeClock extends Clock {
  private now = T0;
  private readonly due: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
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

  get pending(): number {
    return this.due.length;
  }
}

/** Late by what a test says. */
export class FakeLoop extends OwnLoop {
  latenessMs = 0;

  watch(): () => number {
    return () => this.latenessMs;
  }
}
