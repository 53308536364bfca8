import { setImmediate } from 'node:timers/promises';
import { NOW } from '@app/kernel/testing';
import { LinkTiming } from '../src/link/link-timing.js';

/** Time that passes when a test says so, and chance that is always the same. */
export class FakeTiming extends LinkTiming {
  private now = Date.parse(NOW);
  private readonly waiting = new Set<{ readonly atMs: number; readonly run: () => void }>();

  constructor(readonly luck = 0.5) {
    super();
  }

  override nowMs(): number {
    return this.now;
  }

  override chance(): number {
    return this.luck;
  }

  override after(delayMs: number, run: () => void): () => void {
    const one = { atMs: this.now + delayMs, run };
    this.waiting.add(one);
    return () => void this.waiting.delete(one);
  }

  /** Everything that is due in it happens in its order. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.now + ms;
    await setImmediate(); // What was set off before this settles first.
    for (;;) {
      const [next] = [...this.waiting].filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.waiting.delete(next);
      this.now = Math.max(this.now, next.atMs);
      next.run();
      await setImmediate();
    }
    this.now = untilMs;
  }

  /** As a machine that slept: nothing that was due happens before it wakes. */
  async sleep(ms: number): Promise<void> {
    this.now += ms;
    await this.pass(0);
  }

  get pending(): number {
    return this.waiting.size;
  }
}
