/** The log did not answer. Nothing was written. */
export class LogUnavailable extends Error {
  readonly code: string = 'event-store.unavailable';
}

/** Why nothing is written to a stream, whose server answers all the same. The codes are public. */
export type LogTroubleCode = 'log.rewound' | 'log.gap' | 'log.missing' | 'log.accepting' | 'private.missing';

/** The stream is not the one that was written to, or is being accepted. Nothing was written, and trying again does not help. */
export class LogRefused extends LogUnavailable {
  constructor(
    override readonly code: LogTroubleCode,
    detail: string,
    /** What the operator runs on the host, or does. */
    readonly next: string,
  ) {
    super(detail);
  }
}

/** The log cannot take this now, and says so at once. Nothing was written. */
export class LogFull extends LogUnavailable {
  constructor({ code, detail }: NoSpace) {
    super(detail);
    this.code = code;
  }

  override readonly code: NoSpace['code'];
}

/** Why the log cannot take something. */
export interface NoSpace {
  /** The disk is full, for every event; or all that is left of FACTS is kept for facts that take rights away or end something. */
  readonly code: 'event-store.disk-full' | 'event-store.reserve';
  /** A sentence. */
  readonly detail: string;
}

/** It could not be told whether the facts of a command were stored. The same command, with the same id, may be sent again. */
export class OutcomeUnknown extends Error {
  readonly code = 'event-store.outcome-unknown';

  constructor(readonly commandId: string) {
    super('the event log fell silent before it could be told whether the command was carried out');
  }
}

/** Others kept writing to the same thing. Nothing was written. */
export class AppendConflict extends Error {
  readonly code = 'event-store.conflict';
}

/** The Idempotency-Key of a command belongs to another request, which was carried out. Nothing was written. */
export class KeyReused extends Error {
  readonly code = 'http.key-reused';

  constructor() {
    super('This Idempotency-Key was sent before with another request, which was carried out. This request was not.');
  }
}

/** The log said no for good, with its own code: full, for one. Nothing was written. */
export class AppendRejected extends Error {
  readonly code = 'event-store.rejected';

  constructor(
    readonly serverCode: number,
    detail: string,
  ) {
    super(`the event log refused: ${detail} (${serverCode})`);
  }
}

/** The history of an aggregate holds a message that cannot be read or applied, so nothing is decided on it. Nothing was written. */
export class AggregateUnreadable extends Error {
  readonly code = 'event-store.history-unreadable';

  constructor(
    readonly subject: string,
    readonly position: number,
    readonly reason: string,
    detail: string,
  ) {
    super(`The message at ${position} on ${subject} cannot be used (${reason}): ${detail}`);
  }
}
/** Whether a command that ended with this error certainly wrote no fact. */
export const wroteNothing = (error: unknown): boolean =>
  error instanceof LogUnavailable || error instanceof AppendConflict || error instanceof AppendRejected || error instanceof KeyReused;
