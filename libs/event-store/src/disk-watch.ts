import { LogFull } from './errors.js';

/** Why NATS can store nothing more, in a sentence; undefined: it can, or nobody can tell. */
export type DiskFull = () => Promise<string | undefined>;

const LOOK_EVERY_MS = 1_000;

/**
 * Looks once a second whether the disk of NATS is full. nats-server neither acknowledges nor refuses anything then, so that every append
 * would wait for its outcome in vain.
 */
export class DiskWatch {
  /** A sentence while it is full. */
  full?: string | undefined;
  private readonly listeners = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;
  private over = false;

  constructor(private readonly diskFull: DiskFull | undefined) {}

  /** Resolves after the first look. */
  async start(): Promise<this> {
    if (this.diskFull === undefined) return this;
    await this.look();
    this.next();
    return this;
  }

  stop(): void {
    this.over = true;
    clearTimeout(this.timer);
  }

  /** Called when it becomes full; returns how to stop. */
  onFull(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async look(): Promise<void> {
    const full = await this.diskFull?.().catch(() => undefined);
    const became = full !== undefined && this.full === undefined;
    this.full = full;
    if (became) for (const listener of this.listeners) listener();
  }

  private next(): void {
    if (this.over) return;
    this.timer = setTimeout(() => void this.look().then(() => this.next()), LOOK_EVERY_MS).unref();
  }
}

/** Throws `LogFull` at once instead of waiting for an acknowledgement that does not come. */
export function assertSpace({ full }: Pick<DiskWatch, 'full'>): void {
  if (full !== undefined) throw new LogFull({ code: 'event-store.disk-full', detail: full });
}
