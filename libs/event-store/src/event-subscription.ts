import type { Recorded } from './envelope.js';

/** Why the facts of one aggregate cannot be followed. */
export interface UnreadableSubject {
  /** The message that cannot be used. */
  readonly position: number;
  /** `decode.unknown-type`, `fold.threw` and the like; `event.unknown`: a newer release wrote it. */
  readonly code: string;
  readonly detail: string;
}

/**
 * Keeps in memory what it needs of facts. The unit is the aggregate, by its subject:
 *
 *   followed   hears each fact in order. A fact that cannot be read, or at which `hear` throws, brings `unreadable`
 *   unreadable hears nothing more. It must refuse this aggregate: the fact that was not heard may be the one that forbids.
 *              `again` ends it, when an admin voided the message
 */
export interface FactReader {
  hear(fact: Recorded): void;
  unreadable(subject: string, trouble: UnreadableSubject): void;
  /** Every fact of this subject is heard again from the first: forget what they added up to. */
  again(subject: string): void;
}

/** The facts of some kinds of aggregates, to those who keep what they need of them in memory. */
export abstract class EventSubscription {
  /**
   * Every fact of every aggregate of these kinds (`federation.peer`), oldest first and none twice, until `signal` aborts. Resolves when
   * all that the log holds now was heard, or when `signal` aborts; what follows is heard as it is stored, through any outage. Rejects
   * when it is lost before that.
   *
   * `lost` is called, once, when nothing more will be heard: the log is another than it was, or lost its end. Whoever decides by what
   * it heard must decide nothing from then on. What cannot be read loses nothing but its aggregate: see `FactReader`.
   */
  abstract watch(kinds: readonly string[], reader: FactReader, signal: AbortSignal, lost: (error: Error) => void): Promise<void>;
}
