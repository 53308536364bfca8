import { type Freshness, type Heard, ServerClock, freshnessOf, isHalfOpen, lastWordAt } from '../logic/freshness.js';

/**
 * What was heard of the server, by whatever way, and how far the page may be believed for it. Holds the server's clock, since
 * that stops when the words do. The connection (live.ts) and the queries report here; components listen.
 */
export class Feed {
  readonly clock = new ServerClock();
  private heard: Heard = { startedAt: Date.now(), streamOpen: false, streamAt: null, pollAt: null };
  private state: Freshness = 'connecting';
  private readonly stateListeners = new Set<() => void>();
  private readonly tickListeners = new Set<() => void>();
  private ticking: ReturnType<typeof setInterval> | null = null;

  start(): void {
    this.heard = { startedAt: Date.now(), streamOpen: false, streamAt: null, pollAt: null };
    this.updateState();
    this.ticking ??= setInterval(() => this.tick(), 1_000);
  }

  stop(): void {
    if (this.ticking !== null) clearInterval(this.ticking);
    this.ticking = null;
  }

  opened(): void {
    this.report({ streamOpen: true, streamAt: Date.now() });
  }

  word(): void {
    this.report({ streamAt: Date.now() });
  }

  closed(): void {
    this.report({ streamOpen: false });
  }

  /** A list or the overview was answered. */
  polled(): void {
    this.report({ pollAt: Date.now() });
  }

  get halfOpen(): boolean {
    return isHalfOpen(this.heard, Date.now());
  }

  /** Of this browser's clock; null: nothing was heard yet. */
  get lastWordAt(): number | null {
    return lastWordAt(this.heard);
  }

  readonly freshness = (): Freshness => this.state;

  /** Called when `freshness` changes. */
  readonly onState = (listener: () => void): (() => void) => subscribe(this.stateListeners, listener);

  /** Called every second. */
  readonly onTick = (listener: () => void): (() => void) => subscribe(this.tickListeners, listener);

  private report(news: Partial<Heard>): void {
    this.heard = { ...this.heard, ...news };
    this.updateState();
  }

  private tick(): void {
    this.updateState();
    for (const listener of this.tickListeners) listener();
  }

  private updateState(): void {
    const next = freshnessOf(this.heard, Date.now());
    if (next === 'stale') this.clock.stop(this.lastWordAt ?? Date.now());
    else this.clock.resume();
    if (next === this.state) return;
    this.state = next;
    for (const listener of this.stateListeners) listener();
  }
}

function subscribe(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const feed = new Feed();
