import type { Instant } from '@app/kernel';
import type { KeptStream } from './streams.js';

/** One message of a stream: enough to tell whether the stream still holds that message and no other. */
export interface Mark {
  /** 0: the stream was never seen to hold anything. */
  readonly sequence: number;
  /** When the server stored it, as the server writes it; null: only the sequence is known. */
  readonly stored_at: string | null;
  /** Its `ce-id`, or `sha256:...` of subject, headers and body where it has none; null: only the sequence is known. */
  readonly message: string | null;
}

export const NO_MARK: Mark = { sequence: 0, stored_at: null, message: null };

/**
 * `open`       the stream continues what was seen of it
 * `rewound`    it does not; nothing is written to it until it does again, or until it is accepted as it is
 * `accepting`  an operator accepted it; the read models are being rebuilt and compared
 */
export type LogState = 'open' | 'rewound' | 'accepting';

/** What is known of one stream outside it. */
export interface StreamMark {
  readonly stream: KeptStream;
  /** Which history the positions of the stream are positions in. */
  readonly incarnation: string;
  /** Where this incarnation begins: everything up to here is older. 0 for the first one. */
  readonly begins_after: number;
  readonly mark: Mark;
  readonly state: LogState;
  /** Why the state is not `open`: a public code, and a sentence that names both ends. */
  readonly trouble: { readonly code: string; readonly detail: string; readonly end: number } | null;
  /** The incarnation an accept is about to begin; null: no accept is under way. */
  readonly next_incarnation: string | null;
  /** When the stream was last accepted as it is; null: never. */
  readonly accepted_at: Instant | null;
  /** When the stream was restored from a backup and not accepted since; null: it was not. */
  readonly restored_at: Instant | null;
}

/** The identity of an instance, and what is known of each stream. */
export interface LogRecord {
  readonly instance_id: string;
  readonly streams: Readonly<Record<KeptStream, StreamMark>>;
}

/** The store of the marks did not answer. */
export class MarksUnavailable extends Error {
  readonly code = 'event-store.marks-unavailable';
}

/** Keeps identity and marks of the log outside the log. Everything throws `MarksUnavailable` while that store does not answer. */
export abstract class LogMarks {
  /** null: this store knows no instance. */
  abstract read(): Promise<LogRecord | null>;

  /** Writes the first record. Does nothing where there is one already. */
  abstract create(record: LogRecord): Promise<void>;

  /** Moves a mark forward. Does nothing unless the stream is open, of that incarnation, and its mark is lower. */
  abstract raise(stream: KeptStream, incarnation: string, mark: Mark): Promise<void>;

  /** Moves a stream between `open` and `rewound`. Does nothing while it is being accepted, or is of another incarnation. */
  abstract settle(stream: KeptStream, incarnation: string, trouble: StreamMark['trouble']): Promise<void>;

  /** Begins an incarnation of a stream whose lost messages nobody misses. Does nothing when it is not of `from` any more. */
  abstract resume(stream: KeptStream, from: string, begun: Pick<StreamMark, 'incarnation' | 'begins_after'>): Promise<void>;

  /** The highest position that any reader of a stream keeps outside the log; 0: none. */
  abstract highestRead(stream: KeptStream): Promise<number>;
}
