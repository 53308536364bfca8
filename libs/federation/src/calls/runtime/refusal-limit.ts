import { RateLimit } from '@app/kernel';

export interface RefusalParts {
  readonly warn: (sentence: string) => void;
  /** Runs `then` after `ms`; answers how to call that off. */
  readonly after: (ms: number, then: () => void) => () => void;
}

/** Enough to see what a peer is at, and for all of them too little to fill the log with. */
const RATE = { perSecond: 20, burst: 100, maxKeys: 1_024 };
const SAY_AFTER_MS = 60_000;

/** Which refused calls are put on record. What is not is counted, and said in one line a peer and minute. */
export class RefusalLimit {
  private readonly limit = new RateLimit(RATE);
  private readonly leftOut = new Map<string, number>();
  private callOff: (() => void) | undefined;

  constructor(private readonly parts: RefusalParts) {}

  /** Whether one more of this peer is put on record; else it is counted. `nowMs`: by a clock that does not go back. */
  admits(peerId: string, nowMs: number): boolean {
    if (this.limit.admits(peerId, nowMs)) return true;
    this.leaveOut(peerId);
    return false;
  }

  /** It is not put on record after all. */
  leaveOut(peerId: string): void {
    this.leftOut.set(peerId, (this.leftOut.get(peerId) ?? 0) + 1);
    this.callOff ??= this.parts.after(SAY_AFTER_MS, () => this.say());
  }

  /** Says what was counted, if anything was. */
  say(): void {
    this.callOff?.();
    this.callOff = undefined;
    for (const [peerId, count] of this.leftOut)
      this.parts.warn(
        `${count} refused calls of ${peerId} are not on record: they came faster than they are put there, or the caller has no share of today left.`,
      );
    this.leftOut.clear();
  }
}
