import type { Position, Stream } from '@app/kernel';

/** Places in the log as tokens that name the history they are places in. */
export abstract class Places {
  abstract token(parts: Readonly<Partial<Record<Stream, number>>>): string;

  /** Whether a position is in the history that the log has now. */
  abstract isOurs(position: Position): boolean;
}
