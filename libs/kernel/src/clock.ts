import type { Instant } from './shape.js';

/** What time it is, and when to do something: the only clock contexts know, so that a test can give them one that it moves itself. */
export class Clock {
  /** Milliseconds since 1970, as good as this machine knows. Jumps when the machine is set right. */
  wallMs(): number {
    return Date.now();
  }

  /** Milliseconds since some moment, which never jump: only their differences mean something. */
  nowMs(): number {
    return performance.now();
  }

  /** Calls `run` once, after so many milliseconds; the function it answers calls that off. */
  after(delayMs: number, run: () => void): () => void {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  }
}

/** A moment of `nowMs` as an instant. */
export const instantAt = (clock: Clock, atMs: number): Instant =>
  new Date(clock.wallMs() - (clock.nowMs() - atMs)).toISOString() as Instant;

/** An instant as a moment of `nowMs`. */
export const momentOf = (clock: Clock, instant: Instant): number => clock.nowMs() - (clock.wallMs() - Date.parse(instant));
