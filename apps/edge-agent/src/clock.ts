/** Time, so that tests can make it pass. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** For durations: does not jump. */
  monotonic(): number;
  /** Runs later, unless what it answers is called before. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
