import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CallLog, InstanceIdentity, RequestReply, Unanswered } from '@app/event-store';
import { type Instant, IsId, newEvent } from '@app/kernel';
import { ReadModels } from '@app/read-store';
import { CallAbandoned } from '../events/index.js';
import { callLog } from '../read/call-log/call-log.projection.js';
import { type OrphanCandidate, callsLeftOpen } from '../read/call-log/call-log.query.js';
import { CallRecorder } from './call-recorder.provider.js';
import { recordId } from './record-id.js';

const EVERY_MS = 60_000;
/** A process that lives says so at once; one that is so late may be taken for dead, and puts it right when it says how its call ended. */
const ALIVE_MS = 3_000;
const KEEP_MS = 5_000;
/** A call of this run is open in the rows before the recorder knows that it was let through: by then it long does. */
const OWN_MS = 600_000;
const PAGE = 500;
const ACTOR = 'system:federation';

/** Asked of every process that holds calls; only the one whose run it is answers. */
class IsAlive {
  @IsId() readonly boot_id: string;
}

/**
 * Ends, as unknown, the calls that a process let through and did not live to end. The rows say which are open, and by whose run they
 * are held; whether that run is over, the process is asked itself. Rows may be behind the log: then a call may be said to be abandoned
 * that has ended, and since the earlier of the two counts, nothing changes.
 *
 * So it ends also a call of this run whose ending was lost: one that has been open for long, and that the recorder does not hold.
 */
@Injectable()
export class OrphanedCallsJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('federation.calls');
  private readonly closing = new AbortController();
  private stopAnswering: () => void = () => undefined;
  private underWay: Promise<void> = Promise.resolve();

  constructor(
    private readonly recorder: CallRecorder,
    private readonly log: CallLog,
    private readonly identity: InstanceIdentity,
    private readonly reads: ReadModels,
    private readonly rpc: RequestReply,
  ) {}

  onApplicationBootstrap(): void {
    const answer = async ({ boot_id }: IsAlive) => (boot_id === this.recorder.bootId ? { boot_id } : undefined);
    this.stopAnswering = this.rpc.answer('federation.is-alive', IsAlive, answer, { sole: false });
    this.underWay = this.keepRunning();
  }

  async onModuleDestroy(): Promise<void> {
    this.closing.abort();
    await this.underWay;
    this.stopAnswering();
  }

  /** NonceStore. Throws what the read models, the questions and the log throw. */
  async closeOrphans(now = new Date()): Promise<void> {
    const { bootId } = this.recorder;
    const before = new Date(now.getTime() - OWN_MS).toISOString() as Instant;
    const lives = new Map<string, boolean>();
    let page: OrphanCandidate[] = [];
    do {
      const after = page.at(-1)?.record_id ?? '';
      page = (await this.reads.answer(callLog, {}, (db) => callsLeftOpen(db, { bootId, before, after, limit: PAGE }))).data;
      const boots = [...new Set(page.map(({ boot_id }) => boot_id))].filter((boot) => boot !== bootId && !lives.has(boot));
      await Promise.all(boots.map(async (boot) => lives.set(boot, await this.isAlive(boot))));
      for (const call of page) {
        if (this.closing.signal.aborted) return;
        const isHeld = call.boot_id === bootId ? this.recorder.holds(call.record_id) : lives.get(call.boot_id) !== false;
        if (!isHeld) await this.abandon(call);
      }
    } while (page.length === PAGE);
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      await this.closeOrphans().catch((error: unknown) => this.logger.debug(`no sweep of abandoned calls: ${String(error)}`));
      await pause(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async isAlive(boot_id: string): Promise<boolean> {
    try {
      await this.rpc.ask('federation.is-alive', { boot_id }, ALIVE_MS);
      return true;
    } catch (error) {
      if (error instanceof Unanswered) return false;
      throw error;
    }
  }

  private async abandon(call: OrphanCandidate): Promise<void> {
    const event = newEvent(CallAbandoned, call);
    await this.log.record(event, { actor: ACTOR, id: recordId(this.identity, call, event.type), timeoutMs: KEEP_MS });
  }
}
