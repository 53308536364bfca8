import type { Clock, Instant } from '@app/kernel';

/** A moment of `nowMs` as an instant. */
export const instantAt = (clock: Clock, atMs: number): Instant =>
  new Date(clock.wallMs() - (clock.nowMs() - atMs)).toISOString() as Instant;

/** An instant as a moment of `nowMs`. */
export const momentOf = (clock: Clock, instant: Instant): number => clock.nowMs() - (clock.wallMs() - Date.parse(instant));
