import { type LinkPolicy, POLICY } from './policy.js';

/** What time it is, when to do something, and chance: all that links ask of the machine's clock, so that tests can have another. */
export class LinkTiming {
  readonly policy: LinkPolicy = POLICY;

  /** Milliseconds since 1970. */
  nowMs(): number {
    return Date.now();
  }

  /** At least 0, less than 1. */
  chance(): number {
    return Math.random();
  }

  /** Calls `run` once; the function it answers calls that off. */
  after(delayMs: number, run: () => void): () => void {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  }
}
