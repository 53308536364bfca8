/** Interval at which the callers of open calls are asked about, ms: for rights that end without a fact, or while facts are not followed. */
export const RECHECK_MS = 30_000;

/** What a call that is under way rests on. */
export interface Right {
  /** Whether its peer is still one, and the rules still lead it where it went. */
  readonly isHeld: () => boolean;
  /** Whether who makes it may still make calls; absent: that is the peer. What it throws counts as yes: nobody said no. */
  readonly isStillIn?: (() => Promise<boolean>) | undefined;
  /** Tells at once that who makes it may no more; answers how to stop listening. */
  readonly onEnd?: ((ended: () => void) => () => void) | undefined;
}

/** The rights of the calls that are under way: what was let through is let through no longer than it may be. */
export class OpenRights {
  private readonly open = new Map<AbortController, Right>();
  private timer: NodeJS.Timeout | undefined;
  private isAsking = false;

  /** Does `use`, whose signal aborts as soon as the right is gone; at once, when it is gone already. */
  async hold<T>(right: Right, use: (withdrawn: AbortSignal) => Promise<T>): Promise<T> {
    const withdrawal = new AbortController();
    this.open.set(withdrawal, right);
    this.timer ??= setInterval(() => void this.ask(), RECHECK_MS);
    if (!right.isHeld()) withdrawal.abort();
    const stopListening = right.onEnd?.(() => withdrawal.abort());
    try {
      return await use(withdrawal.signal);
    } finally {
      stopListening?.();
      this.open.delete(withdrawal);
      if (this.open.size === 0) this.rest();
    }
  }

  /** To be called when peers or rules have changed. */
  look(): void {
    for (const [withdrawal, { isHeld }] of this.open) if (!isHeld()) withdrawal.abort();
  }

  /** One after the other: there may be many, and they all ask the same database. */
  private async ask(): Promise<void> {
    this.look(); // Also when peers or rules are not followed any more, of which no change tells.
    if (this.isAsking) return;
    this.isAsking = true;
    for (const [withdrawal, { isStillIn }] of this.open) {
      const isIn = (await isStillIn?.().catch(() => true)) ?? true;
      if (!isIn) withdrawal.abort();
    }
    this.isAsking = false;
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
