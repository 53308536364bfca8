import type { StreamInfo } from '@nats-io/jetstream';

/** When the server gave this answer, ms since 1970 by its own clock. Every server of our release says it. */
export function serverTimeOf(info: StreamInfo): number {
  const at = Date.parse(info.ts ?? '');
  if (Number.isNaN(at)) throw new Error('the server does not say when it answered');
  return at;
}

/**
 * The time of the NATS servers, from what they last said and how long ago that was. Ages of events are measured with it: the clock of
 * this machine may be minutes off, and the server's own stamps are what an event is stored with.
 */
export class NatsClock {
  private said: { readonly atMs: number; readonly heardMs: number } | undefined;

  /** `monotonicMs`: for tests. */
  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  /** The server just said what time it is. */
  is(serverMs: number): void {
    this.said = { atMs: serverMs, heardMs: this.monotonicMs() };
  }

  /** The server stored something then: it cannot be earlier now. */
  isAtLeast(serverMs: number): void {
    if (serverMs > this.nowMs()) this.is(serverMs);
  }

  /** The age of what the server stored then, ms; 0 before the server said anything. */
  ageMs(storedMs: number): number {
    return this.said === undefined ? 0 : Math.max(0, Math.round(this.nowMs() - storedMs));
  }

  private nowMs(): number {
    return this.said === undefined ? -Infinity : this.said.atMs + this.monotonicMs() - this.said.heardMs;
  }
}
