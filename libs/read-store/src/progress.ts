import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { type Instant, Position } from '@app/kernel';
import { type Announcement, hearAnnouncements } from './announce.js';

/** A projector that has not been heard for so long may be gone, and how far behind it is cannot be told. */
const SILENT_MS = 3_000;

interface Heard extends Announcement {
  readonly atMs: number;
}

/** How far each read model is, as its projector says; and who waits for it to get somewhere. */
export class Progress {
  private readonly heard = new Map<string, Heard>();
  private readonly waiting = new Set<() => void>();
  private readonly listeners = new Set<(said: Announcement) => void>();
  private readonly subscription: Subscription;

  constructor(nc: NatsConnection) {
    this.subscription = hearAnnouncements(nc, (said) => {
      this.heard.set(said.table, { ...said, atMs: performance.now() });
      for (const look of this.waiting) look();
      for (const listener of this.listeners) listener(said);
    });
  }

  /** Called after each commit, with the rows that changed; returns how to stop. */
  onChange(listener: (said: Announcement) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Undefined before the projector was first heard. */
  position(table: string): Position | undefined {
    const said = this.heard.get(table);
    if (said === undefined) return undefined;
    return new Position({ [said.stream]: said.position }, said.log === undefined ? {} : { [said.stream]: said.log });
  }

  /** The read models of which a projector was heard. */
  get tables(): string[] {
    return [...this.heard.values()].filter(({ stream }) => stream !== 'telemetry').map(({ table }) => table);
  }

  /** Milliseconds the rows are behind the log; null: nobody can tell. */
  lagMs(table: string): number | null {
    const said = this.heard.get(table);
    if (said === undefined || performance.now() - said.atMs > SILENT_MS) return null;
    return said.pending === 0 ? 0 : said.lag_ms;
  }

  /** How many of its rows stand still, each at an event that cannot be used; 0: none, as far as anybody said. */
  parked(table: string): number {
    return this.heard.get(table)?.parked ?? 0;
  }

  /** Whether `table` reached `position` within `timeoutMs`. */
  reached(table: string, position: Position, timeoutMs: number): Promise<boolean> {
    const isThere = (): boolean => this.position(table)?.atLeast(position) ?? false;
    if (isThere()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (answer: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(answer);
      };
      const look = (): void => void (isThere() && end(true));
      const timer = setTimeout(() => end(isThere()), timeoutMs);
      this.waiting.add(look);
    });
  }

  stop(): void {
    this.subscription.unsubscribe();
  }
}

export const instantNow = (): Instant => new Date().toISOString() as Instant;
