import { OwnLoop } from '../runtime/own-loop.js';

const TICK_MS = 20;

/** Watches the event loop of this process, while anybody asks, by a timer that should fire every TICK_MS. */
export class SystemLoop extends OwnLoop {
  private readonly watches = new Set<{ worstMs: number }>();
  private timer: NodeJS.Timeout | undefined;
  private dueMs = 0;

  watch(): () => number {
    const own = { worstMs: 0 };
    this.watches.add(own);
    this.timer ??= this.begin();
    return () => {
      this.tick(performance.now(), false); // A timer that is late just now counts as well.
      this.watches.delete(own);
      if (this.watches.size === 0) this.end();
      return own.worstMs;
    };
  }

  private begin(): NodeJS.Timeout {
    this.dueMs = performance.now() + TICK_MS;
    return setInterval(() => this.tick(performance.now(), true), TICK_MS).unref();
  }

  private end(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(nowMs: number, isDone: boolean): void {
    for (const own of this.watches) own.worstMs = Math.max(own.worstMs, nowMs - this.dueMs);
    if (isDone) this.dueMs = nowMs + TICK_MS;
  }
}
