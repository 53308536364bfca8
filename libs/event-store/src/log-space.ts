import type { StreamInfo } from '@nats-io/jetstream';
import type { Filled } from './call-log.js';
import type { DiskWatch } from './disk-watch.js';
import type { NoSpace } from './errors.js';
import { isUnavailable } from './unavailable.js';

/** From this share of `max_bytes` on a stream takes only events of the reserve. */
const RESERVE_FROM = 0.95;
/** The server is asked for the size of the stream once in this time, while there are appends. */
const ASK_EVERY_MS = 1_000;
/** Headers of an event and what the store adds, about. */
export const OVERHEAD_BYTES = 700;

/**
 * Whether FACTS or CALLS takes an append: the disk has room, and the stream has, of which the last 5 % are for events of the reserve. NATS
 * knows one limit for all, so the size is counted here: what the server said last and what this process wrote since.
 */
export class LogSpace {
  private used = 0;
  private limit = Infinity;
  private askedMs = -Infinity;
  private asking: Promise<void> | undefined;

  /** `reserve`: types of events. `only`: the sentence that says so while nothing else is left. */
  constructor(
    private readonly stream: () => Promise<StreamInfo>,
    private readonly reserve: ReadonlySet<string>,
    private readonly disk: DiskWatch,
    private readonly only = 'The event log is {percent} % full: it only takes facts that end something or take a right away.',
  ) {}

  /** null: the stream has no limit, or its size is not known. */
  get filled(): Filled | null {
    return this.limit >= Number.MAX_SAFE_INTEGER ? null : { bytes: this.used, maxBytes: this.limit };
  }

  /** Why an append of these types cannot be taken; undefined: it can. Waits for the server only before the first append. */
  async lacking(types: readonly string[]): Promise<NoSpace | undefined> {
    const full = this.diskFull();
    if (full !== undefined || types.every((type) => this.reserve.has(type))) return full;
    if (performance.now() - this.askedMs > ASK_EVERY_MS) this.asking ??= this.ask();
    if (this.limit === Infinity) await this.asking;
    if (this.used < RESERVE_FROM * this.limit) return undefined;
    const percent = Math.floor((100 * this.used) / this.limit);
    return {
      code: 'event-store.reserve',
      detail: this.only.replace('{percent}', String(percent)),
    };
  }

  diskFull(): NoSpace | undefined {
    return this.disk.full === undefined ? undefined : { code: 'event-store.disk-full', detail: this.disk.full };
  }

  /** Called when the disk becomes full; returns how to stop. */
  onDiskFull(listener: () => void): () => void {
    return this.disk.onFull(listener);
  }

  wrote(bytes: number): void {
    this.used += bytes;
  }

  /** Silence says nothing of the size. */
  private async ask(): Promise<void> {
    try {
      const { state, config } = await this.stream();
      this.used = state.bytes;
      this.limit = config.max_bytes > 0 ? config.max_bytes : Number.MAX_SAFE_INTEGER;
      this.askedMs = performance.now();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    } finally {
      this.asking = undefined;
    }
  }
}

/** A log without limits. */
export const BOUNDLESS: Pick<LogSpace, 'lacking' | 'diskFull' | 'onDiskFull' | 'wrote' | 'filled'> = {
  filled: null,
  lacking: async () => undefined,
  diskFull: () => undefined,
  onDiskFull: () => () => undefined,
  wrote: () => undefined,
};
