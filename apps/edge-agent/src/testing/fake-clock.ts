import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock.js';

export const T0 = Date.parse('2026-02-01T12:00:00.000Z');
const DEADLINE_MS = 10_000;

/** Waits, in real time, until it is so. What happens meanwhile happens over real sockets. */
export async function until(what: string, is: () => boolean): Promise<void> {
  for (const began = performance.now(); !is(); await setImmediate()) {
    if (performance.now() - began > DEADLINE_MS) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
  }
}

/** Time that passes when a test says so, and everything due in it happens in its order. */
export class FakeClock implements Clock {
  private readonly due: { atMs: number; run: () => void }[] = [];
  private at: number;
  private setMs = 0;

  constructor(private readonly from = T0) {
    this.at = from;
  }

  now(): number {
    return this.at + this.setMs;
  }

  monotonic(): number {
    return this.at - this.from;
  }

  after(delayMs: number, run: () => void): () => void {
    const one = { atMs: this.at + delayMs, run };
    this.due.push(one);
    return () => {
      const index = this.due.indexOf(one);
      if (index !== -1) this.due.splice(index, 1);
    };
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.at + ms;
    for (;;) {
      const next = this.due.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.due.splice(this.due.indexOf(next), 1);
      this.at = Math.max(this.at, next.atMs);
      next.run();
      await setImmediate();
    }
    this.at = untilMs;
  }

  /** Sets the wall clock so far ahead, or back, as a correction by NTP does: no time passes. */
  set(byMs: number): void {
    this.setMs += byMs;
  }

  /** In how many milliseconds things are due, soonest first. */
  get waits(): number[] {
    return this.due.map(({ atMs }) => atMs - this.at).toSorted((a, b) => a - b);
  }

  /** Waits until something is due in exactly so long. */
  waitFor(ms: number): Promise<void> {
    return until(`something is due in ${ms} ms, and not ${this.waits.join(', ')}`, () => this.waits.includes(ms));
  }
}
