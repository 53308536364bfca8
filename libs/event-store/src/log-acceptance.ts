import type { Instant } from '@app/kernel';
import type { KeptStream } from './streams.js';

/** What those need to know of the log who act on private rows, or let somebody in by them. */
export abstract class LogAcceptance {
  abstract isOpen(stream: KeptStream): boolean;

  /** When the stream was last accepted as it is; null: never. */
  abstract acceptedAt(stream: KeptStream): Instant | null;
}
