/**
 * Maximum tunnels of one agent that begin within a minute: each is two facts, which are kept. With the back-off of an agent whose every
 * tunnel breaks at once it is 8 or 9 in a minute, and more than 10 in 2 of 100.
 */
export const MAX_OPENED = 10;
const OPENED_WITHIN_MS = 60_000;

/** Milliseconds until one more tunnel of an agent may begin; 0: now. Those that were not opened count for nothing. */
export function untilOneMore({ openedMs }: { readonly openedMs: readonly number[] }, nowMs: number): number {
  const first = openedMs.at(-MAX_OPENED);
  return first === undefined ? 0 : Math.max(0, first + OPENED_WITHIN_MS - nowMs);
}
