import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { CallLog, InstanceIdentity, LogFull, LogUnavailable, OVERHEAD_BYTES } from '@app/event-store';
import type { Instant, NewEvent } from '@app/kernel';
import type { CallReason } from '../events/call-reason.js';
import type { CallAsked, CallEnding, OpenCall } from './call.js';
import { accepted, denied, ended } from './call-events.js';
import { partyOf } from './party.js';
import { recordId } from './record-id.js';
import { RecordRetryQueue, type Waiting } from './record-retry-queue.js';
import { RefusalLimit } from './refusal-limit.js';
import { WriteBudget } from './write-budget.js';

/** A caller waits for this one. */
const ACCEPT_MS = 3_000;
const KEEP_MS = 5_000;
/** A process that ends waits so long for its calls to end, which are cut by then, and then so long for the log to keep how they did. */
const LAST_ENDINGS_MS = 1_000;
const CLOSE_MS = 5_000;

/** Puts on record what becomes of calls. */
@Injectable()
export class CallRecorder implements OnApplicationShutdown {
  /** Of this run of the process; no other has it. */
  readonly bootId: string = randomUUID();
  private readonly logger = new Logger('federation.calls');
  private readonly open = new Set<string>();
  private lastEnded: (() => void) | undefined;
  private readonly parts = {
    warn: (sentence: string) => this.logger.warn(sentence),
    after: (ms: number, then: () => void) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
  };
  private readonly retryQueue = new RecordRetryQueue({ ...this.parts, keep: (record) => this.keep(record, KEEP_MS) });
  private readonly refusals = new RefusalLimit(this.parts);
  private readonly budget = new WriteBudget(
    () => this.log.filled,
    () => Date.now(),
  );

  constructor(
    private readonly log: CallLog,
    private readonly identity: InstanceIdentity,
  ) {}

  /**
   * Resolves when it is on record that the call is let through: before that, no byte of it may go on. The answer is handed back to
   * `end`. Throws `LogUnavailable`: then the call must be refused, and has no ending to be told. Of it `LogFull` says that there is no room.
   */
  async accept(asked: CallAsked): Promise<OpenCall> {
    const call = openedOf(asked);
    try {
      await this.keep(this.recordOf(accepted(call, asked, this.bootId), call), ACCEPT_MS);
    } catch (error) {
      if (error instanceof LogFull) throw error; // Nothing was written.
      this.offer(call, () => ended(call, REFUSED(new Date()))); // It may have been kept, and only the answer was lost.
      throw error;
    }
    this.open.add(call.record_id);
    return call;
  }

  /** Puts on record how an accepted call ended; once for each. Returns at once and never throws: an ending waits for the log. */
  end(call: OpenCall, ending: CallEnding): void {
    this.put(
      call,
      () => ended(call, ending),
      (record) => this.retryQueue.put(record),
    );
    this.open.delete(call.record_id);
    if (this.open.size === 0) this.lastEnded?.();
  }

  /**
   * Puts on record that a call was not let through, and why: of each peer so many a second, within what its party may write today, and only
   * while there is room for what matters less than how calls end. Returns at once and never throws.
   */
  deny(asked: CallAsked, reason: CallReason<'denied'>): void {
    const call = openedOf(asked);
    this.offer(call, () => denied(call, asked, reason));
  }

  /** Whether the party of a call has written what it may write today; see `WriteBudget`. */
  isSpent(asked: Pick<CallAsked, 'direction' | 'peer_id' | 'actor'>): boolean {
    return this.budget.isSpent(partyOf(asked));
  }

  /** Whether the call of this record is under way, or what became of it is on its way into the log. */
  holds(recordId: string): boolean {
    return this.open.has(recordId) || this.retryQueue.holds(recordId);
  }

  /** After those that listen have closed: whatever was under way ends now, and how is still to be kept. */
  async onApplicationShutdown(): Promise<void> {
    if (this.open.size > 0) await this.endings();
    await this.retryQueue.close(CLOSE_MS);
    this.refusals.say();
  }

  /** Resolves when no call is open, or it takes too long. */
  private endings(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LAST_ENDINGS_MS);
      this.lastEnded = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private offer(call: OpenCall, event: () => NewEvent): void {
    const { peer_id } = call;
    if (this.isSpent(call)) return this.refusals.leaveOut(peer_id);
    if (!this.refusals.admits(peer_id, performance.now())) return;
    this.put(call, event, (record) => this.retryQueue.offer(record) || this.refusals.leaveOut(peer_id));
  }

  private put(call: OpenCall, event: () => NewEvent, into: (record: Waiting) => unknown): void {
    try {
      into(this.recordOf(event(), call));
    } catch (error) {
      this.logger.error(`what became of the call ${call.call_id} cannot be recorded: ${String(error)}`);
    }
  }

  private recordOf(event: NewEvent, call: OpenCall): Waiting {
    return { event, actor: call.actor, id: recordId(this.identity, call, event.type), record_id: call.record_id };
  }

  private async keep({ event, actor, id }: Waiting, timeoutMs: number): Promise<void> {
    try {
      await this.log.record(event, { actor, id, timeoutMs });
      this.budget.wrote(actor, JSON.stringify(event.data).length + OVERHEAD_BYTES);
    } catch (error) {
      if (error instanceof LogUnavailable) throw error;
      throw new LogUnavailable(`the log does not take what becomes of calls: ${String(error)}`, { cause: error }); // It is full, for one.
    }
  }
}

const openedOf = ({ direction, peer_id, call_id, actor }: CallAsked): OpenCall => ({
  record_id: randomUUID(),
  direction,
  peer_id,
  call_id,
  actor: partyOf({ direction, peer_id, actor }),
});

const REFUSED = (now: Date): CallEnding => ({
  outcome: 'aborted',
  reason: 'log_unavailable',
  ended_at: now.toISOString() as Instant,
  http_status: null,
  first_byte_ms: null,
  total_ms: ACCEPT_MS,
  response_bytes: 0,
  sse_events: null,
  task_id: null,
  context_id: null,
});
