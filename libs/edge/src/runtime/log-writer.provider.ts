import { Injectable, Logger } from '@nestjs/common';
import { AppendRejected, CommandHandler, type Commanded, LogUnavailable, OutcomeUnknown } from '@app/event-store';
import { Clock, type FactClass, Position, type Refusal, type Decider, backoffMs, isRefusal, messageOf } from '@app/kernel';
import { closeTunnel } from '../write/close-tunnel/close-tunnel.decide.js';
import { openTunnel } from '../write/open-tunnel/open-tunnel.decide.js';
import { PriorityQueue } from './priority-queue.js';

/** Who writes what tunnels bring. */
export const EDGE = 'system:edge';

/** So many appends are under way at a time: when all agents come at once, the log is still answered to others. */
const AT_ONCE = 32;
/** What goes before statuses and reports: while thousands of these wait, who comes back is let in, and is not called down for waiting. */
const FAST: ReadonlySet<unknown> = new Set([openTunnel, closeTunnel]);
const REST = { firstMs: 1_000, longestMs: 5_000 };

export type Written = { readonly position: number } | Refusal | 'not-now';

/**
 * Writes facts that are not asked for but follow from what is seen. Whoever writes keeps what is true now and comes again: so nothing
 * is kept here, and what a log that does not answer missed in between, it need not learn.
 */
@Injectable()
export class LogWriter {
  private readonly log = new Logger('edge.log-writer');
  private underWay = 0;
  private readonly queue = new PriorityQueue();
  private restUntilMs = -Infinity;
  private failures = 0;
  private lastWords = '';

  constructor(
    private readonly commands: CommandHandler,
    private readonly clock: Clock,
  ) {}

  /** Whether the log is let alone for a while, since it did not answer. */
  get isResting(): boolean {
    return this.clock.nowMs() < this.restUntilMs;
  }

  /** Waits for its turn. Never throws. `not-now`: the log does not take it; what is still true then is to be written later. */
  async write<State, Data extends { readonly agent_id: string }, E extends FactClass, Code extends string>(
    decider: Decider<State, Data, E, Code>,
    data: Data,
    as: Partial<Commanded<Data>> = {},
  ): Promise<Written> {
    if (this.underWay < AT_ONCE) this.underWay++;
    else await this.queue.wait(data.agent_id, FAST.has(decider));
    try {
      if (this.isResting) return 'not-now';
      const outcome = await this.commands.handle(decider, { data, actor: EDGE, ...as });
      this.failures = 0;
      this.lastWords = '';
      return isRefusal(outcome) ? outcome : { position: Position.parse(outcome.position).of('facts') ?? 0 };
    } catch (error) {
      this.failed(error);
      return 'not-now';
    } finally {
      this.passOn();
    }
  }

  /** One turn ends, and is the next one's if anybody waits. */
  private passOn(): void {
    const go = this.queue.next();
    if (go === undefined) this.underWay--;
    else go();
  }

  /** Only what is the log's own makes all others wait: one agent of which nothing can be written must not. */
  private failed(error: unknown): void {
    const words = messageOf(error);
    if (words !== this.lastWords) this.log.warn(`what agents do could not be written: ${words}`);
    this.lastWords = words;
    if (!(error instanceof LogUnavailable || error instanceof OutcomeUnknown || error instanceof AppendRejected)) return;
    this.restUntilMs = this.clock.nowMs() + backoffMs(++this.failures, REST);
  }
}
