import { type NewEvent, backoffMs } from '@app/kernel';

/** Something that was said of a call, on its way into the log. */
export interface Waiting {
  readonly event: NewEvent;
  readonly actor: string;
  readonly id: string;
  readonly record_id: string;
}

export interface RetryQueueParts {
  /** Resolves when it is kept. */
  readonly keep: (record: Waiting) => Promise<unknown>;
  readonly warn: (sentence: string) => void;
  /** Runs `then` after `ms`; answers how to call that off. */
  readonly after: (ms: number, then: () => void) => () => void;
}

/** So many endings may wait for a log that does not answer: minutes of a busy hop, and some ten megabytes. */
export const MAX_WAITING = 10_000;
/** So many of what matters less. */
export const MAX_LESSER = 1_000;
const MAX_UNDER_WAY = 32;
const RETRY = { firstMs: 250, longestMs: 15_000 };

/** What waits, and what is being sent of it. */
class PeerQueue {
  readonly waiting: Waiting[] = [];
  readonly underWay = new Set<Waiting>();

  constructor(private readonly most: number) {}

  get size(): number {
    return this.waiting.length + this.underWay.size;
  }
  get isFull(): boolean {
    return this.size >= this.most;
  }
}

/**
 * What becomes of calls, on its way into the log. Nobody waits for it. While the log does not answer it is kept here, up to a bound;
 * what comes beyond that is lost, and how much that is, is said. Endings go first. What matters less has a bound of its own, so that
 * no flood of it takes the place of an ending.
 *
 * flowing   what is put is sent, some at a time.
 * waiting   a sending failed: after a pause one is tried, and when it is kept all flow again; until then the pause doubles.
 * closed    nothing is sent any more.
 */
export class RecordRetryQueue {
  private readonly endings = new PeerQueue(MAX_WAITING);
  private readonly lesser = new PeerQueue(MAX_LESSER);
  private lost = 0;
  private failures = 0;
  private callOff: (() => void) | undefined;
  private isClosed = false;
  private emptied = Promise.withResolvers<void>();

  constructor(private readonly parts: RetryQueueParts) {}

  put(record: Waiting): void {
    if (this.isClosed || this.endings.isFull) this.lose(1);
    else this.endings.waiting.push(record);
    if (this.isClosed) this.sayLost();
    this.flow();
  }

  /** What matters less than how a call ended. Whether it is taken: it may never be kept all the same. */
  offer(record: Waiting): boolean {
    if (this.isClosed || this.lesser.isFull) return false;
    this.lesser.waiting.push(record);
    this.flow();
    return true;
  }

  /** Whether something of this record is not kept yet. */
  holds(recordId: string): boolean {
    return this.queues.some(({ waiting, underWay }) => [...waiting, ...underWay].some(({ record_id }) => record_id === recordId));
  }

  /** Resolves when nothing waits, or after `timeoutMs`; what waits then is lost. */
  async close(timeoutMs: number): Promise<void> {
    this.pauseNoMore();
    this.flow();
    if (this.size > 0) {
      const late = Promise.withResolvers<void>();
      const callOff = this.parts.after(timeoutMs, late.resolve);
      await Promise.race([this.emptied.promise, late.promise]);
      callOff();
    }
    this.isClosed = true;
    this.pauseNoMore();
    this.lose(this.size);
    for (const { waiting } of this.queues) waiting.length = 0;
    this.sayLost();
  }

  private get queues(): readonly PeerQueue[] {
    return [this.endings, this.lesser];
  }

  private get size(): number {
    return this.endings.size + this.lesser.size;
  }

  private flow(): void {
    const most = this.failures === 0 ? MAX_UNDER_WAY : 1;
    while (!this.isClosed && this.callOff === undefined && this.endings.underWay.size + this.lesser.underWay.size < most) {
      const queue = this.endings.waiting.length > 0 ? this.endings : this.lesser;
      const record = queue.waiting.shift();
      if (record === undefined) break;
      queue.underWay.add(record);
      void this.send(record, queue);
    }
  }

  private async send(record: Waiting, queue: PeerQueue): Promise<void> {
    try {
      await this.parts.keep(record);
      queue.underWay.delete(record);
      this.kept();
    } catch (error) {
      queue.underWay.delete(record);
      this.failed(record, queue, error);
    }
  }

  private kept(): void {
    if (this.failures > 0) this.sayLost();
    this.failures = 0;
    this.flow();
    if (this.size > 0) return;
    this.emptied.resolve();
    this.emptied = Promise.withResolvers();
  }

  private failed(record: Waiting, queue: PeerQueue, error: unknown): void {
    if (this.isClosed) return; // It was counted as lost.
    queue.waiting.unshift(record);
    if (this.callOff !== undefined) return; // One of several that failed together.
    if (this.failures++ === 0) this.parts.warn(`What became of calls waits for the log: ${String(error)}`);
    const pauseMs = backoffMs(this.failures, RETRY);
    this.callOff = this.parts.after(pauseMs, () => {
      this.callOff = undefined;
      this.flow();
    });
  }

  private pauseNoMore(): void {
    this.callOff?.();
    this.callOff = undefined;
  }

  private lose(records: number): void {
    if (this.lost === 0 && records > 0 && !this.isClosed)
      this.parts.warn(`${MAX_WAITING} endings of calls wait for the log, and no more fit: what ends from now on is lost.`);
    this.lost += records;
  }

  private sayLost(): void {
    if (this.lost > 0)
      this.parts.warn(`${this.lost} records of calls were lost: what ended unrecorded is shown as open, and later as unknown.`);
    this.lost = 0;
  }
}
