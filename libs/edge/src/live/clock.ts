import type { Instant } from '@app/kernel';

/** What time it is, and when to do something. The only clock that tunnels know, so that tests need no real one. */
export abstract class Clock {
  /** Milliseconds since some moment, which never jump: only their differences mean something. */
  abstract nowMs(): number;
  /** Milliseconds since 1970, as good as this machine knows. */
  abstract wallMs(): number;
  /** Calls `run` once; the function it answers calls that off. */
  abstract after(delayMs: number, run: () => void): () => void;
}

/** A moment of `nowMs` as an instant. */
export const instantAt = (clock: Clock, atMs: number): Instant =>
  new Date(clock.wallMs() - (clock.nowMs() - atMs)).toISOString() as Instant;

/** An instant as a moment of `nowMs`. */
export const momentOf = (clock: Clock, instant: Instant): number => clock.nowMs() - (clock.wallMs() - Date.parse(instant));
