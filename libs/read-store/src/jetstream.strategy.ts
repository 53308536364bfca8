import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Projector } from './projector.js';

/**
 * How events come into a Nest process: not as messages to handlers, one by one, but as batches to projectors, each with its own
 * checkpoint. Nest starts and stops them with everything else.
 */
export class JetStreamStrategy extends Server implements CustomTransportStrategy {
  constructor(private readonly projectors: readonly Projector[]) {
    super();
  }

  listen(callback: () => void): void {
    for (const projector of this.projectors) projector.start();
    callback();
  }

  /** Resolves when each has finished the batch it had. */
  async close(): Promise<void> {
    await Promise.all(this.projectors.map((projector) => projector.stop()));
  }

  override on(): never {
    throw new Error('projectors have no events to listen to');
  }

  override unwrap<T>(): T {
    return this.projectors as T;
  }
}
