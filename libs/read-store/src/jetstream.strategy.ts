import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { RequestReply } from '@app/event-store';
import type pg from 'pg';
import { answerForProjectors } from './projection-control.js';
import type { Projector } from './projector.js';
import { TableWatch } from './table-watch.js';

/**
 * How events come into a Nest process: not as messages to handlers, one by one, but as batches to projectors, each with its own
 * checkpoint. Nest starts and stops them with everything else.
 */
export class JetStreamStrategy extends Server implements CustomTransportStrategy {
  private readonly watch: TableWatch;
  private stopAnswering = (): void => undefined;

  constructor(
    private readonly projectors: readonly Projector[],
    private readonly rpc: RequestReply,
    pool: pg.Pool,
  ) {
    super();
    this.watch = new TableWatch(pool, projectors);
  }

  listen(callback: () => void): void {
    for (const projector of this.projectors) projector.start();
    this.watch.start();
    this.stopAnswering = answerForProjectors(this.rpc, this.projectors);
    callback();
  }

  /** Resolves when each has finished the batch it had. */
  async close(): Promise<void> {
    this.stopAnswering();
    await this.watch.stop();
    await Promise.all(this.projectors.map((projector) => projector.stop()));
  }

  override on(): never {
    throw new Error('projectors have no events to listen to');
  }

  override unwrap<T>(): T {
    return this.projectors as T;
  }
}
