import type { NewEvent } from '@app/kernel';

/** Who says it, and the id by which the log knows it again. */
export interface CallRecord {
  readonly actor: string;
  /** A UUID that is the same each time this is said: said twice within two minutes, it is stored once. */
  readonly id: string;
  readonly timeoutMs: number;
}

/** How full a stream is. */
export interface Filled {
  readonly bytes: number;
  readonly maxBytes: number;
}

/** Keeps what becomes of calls. Nothing is decided on it, so nothing is expected of what came before. */
export abstract class CallLog {
  /** As far as this process was told; null: there is no limit, or it is not known yet. */
  abstract readonly filled: Filled | null;

  /**
   * Resolves, to its position as a token, when it is kept as safely as a fact. Throws `LogUnavailable` when the log did not say so in time,
   * and `LogFull` when there is no room for an event that is not of the reserve.
   */
  abstract record(event: NewEvent, record: CallRecord): Promise<string>;
}
