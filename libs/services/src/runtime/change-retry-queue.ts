import { randomUUID } from 'node:crypto';
import type { CommandHandler } from '@app/event-store';
import { type Clock, backoffMs, isRefusal } from '@app/kernel';
import type { ComponentStatusChanged } from '../events/index.js';
import { changeStatus } from '../write/change-status/change-status.decide.js';

/** Whose verdicts these are. */
export const PROBER = 'system:prober';

/** So many changes of one component wait for a log that does not answer; then those in the middle are forgotten. */
const MAX_WAITING = 16;
const RETRY = { firstMs: 1_000, longestMs: 30_000 };

/** A change whose evidence may still be on its way into the log itself. */
export interface Change extends Omit<ComponentStatusChanged, 'evidence'> {
  readonly evidence: Promise<readonly string[]>;
}
interface Waiting {
  readonly commandId: string;
  readonly change: Change;
}
interface Line {
  readonly waiting: Waiting[];
  /** undefined: nothing waits. */
  sending?: Promise<void> | undefined;
}

export interface RetryQueueParts {
  readonly commands: Pick<CommandHandler, 'handle'>;
  readonly clock: Clock;
  readonly warn: (sentence: string) => void;
  /** Another prober has said something else, or the component is not declared: nothing waits for it any more. */
  readonly onOvertaken: (componentId: string) => void;
}

/**
 * Changes on their way into the log, in order within one component. While the log does not answer they wait: the first and the
 * last are never forgotten, so that the log learns when it began and what it came to.
 */
export class ChangeRetryQueue {
  private readonly lines = new Map<string, Line>();
  private readonly stored = new Map<string, string>();
  private isStopped = false;
  private readonly wake = Promise.withResolvers<void>();

  constructor(private readonly parts: RetryQueueParts) {}

  /** Where the last change of a component is, once it is stored; undefined: none was, since this process started. */
  async positionOf(componentId: string): Promise<string | undefined> {
    await this.lines.get(componentId)?.sending;
    return this.stored.get(componentId);
  }

  put(change: Change): void {
    const line = this.lines.get(change.component_id) ?? { waiting: [] };
    this.lines.set(change.component_id, line);
    const last = line.waiting.length >= MAX_WAITING ? line.waiting.pop() : undefined;
    line.waiting.push({ commandId: randomUUID(), change: last === undefined ? change : { ...change, from: last.change.from } });
    if (!this.isStopped) line.sending ??= this.send(change.component_id, line).finally(() => (line.sending = undefined));
  }

  /** Sends nothing more, but ends what it is sending. What waits is lost, and judged again by whoever comes next. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake.resolve();
    await Promise.all([...this.lines.values()].flatMap(({ sending }) => sending ?? []));
  }

  private async send(componentId: string, line: Line): Promise<void> {
    for (let failures = 0; !this.isStopped;) {
      const [first] = line.waiting;
      if (first === undefined) break;
      try {
        await this.offer(componentId, line, first);
        failures = 0;
      } catch (error) {
        if (failures++ === 0) this.parts.warn(`The verdict on ${componentId} waits for the log: ${String(error)}`);
        await this.pause(backoffMs(failures, RETRY));
      }
    }
  }

  private async offer(componentId: string, line: Line, { commandId, change }: Waiting): Promise<void> {
    const data = { ...change, evidence: await change.evidence };
    const outcome = await this.parts.commands.handle(changeStatus, { data, actor: PROBER, commandId });
    if (isRefusal(outcome)) {
      line.waiting.length = 0;
      this.parts.onOvertaken(componentId);
    } else {
      line.waiting.shift();
      this.stored.set(componentId, outcome.position);
    }
  }

  private async pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const callOff = this.parts.clock.after(ms, resolve);
    await Promise.race([promise, this.wake.promise]);
    callOff();
  }
}
