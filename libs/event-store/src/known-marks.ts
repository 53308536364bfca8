import type { JetStreamManager } from '@nats-io/jetstream';
import { ulid } from 'ulid';
import type { Trouble } from './log-check.js';
import { type LogMarks, type LogRecord, type Mark, MarksUnavailable, NO_MARK, type StreamMark } from './log-marks.js';
import { markAt } from './mark-of.js';
import { KEPT_STREAMS, type KeptStream } from './streams.js';
import { within } from './within.js';

/** Timeout for one reading of the record before a check, ms. */
const READ_MS = 1_000;

/**
 * Marks of the streams as one process knows them: the record as it was last read from PostgreSQL, and the highest sequence that this
 * process met in each stream. The marks in PostgreSQL follow; see `LogMarks`.
 */
export class KnownMarks {
  /** The highest sequence this process knows of. */
  private readonly seen: Record<KeptStream, number>;
  /** The incarnations this process was started on. */
  private readonly begun: Record<KeptStream, string>;
  /** Whether PostgreSQL knew an instance when it last answered. */
  isFound = false;

  constructor(
    private readonly jsm: JetStreamManager,
    private readonly marks: LogMarks,
    private known: LogRecord,
  ) {
    this.begun = ofEach((stream) => known.streams[stream].incarnation);
    this.seen = ofEach((stream) => known.streams[stream].mark.sequence);
  }

  get record(): LogRecord {
    return this.known;
  }

  of(stream: KeptStream): StreamMark {
    return this.known.streams[stream];
  }

  seenOf(stream: KeptStream): number {
    return this.seen[stream];
  }

  /** Whether an accept gave the stream another incarnation since this process was started. */
  isReplaced(stream: KeptStream): boolean {
    return this.begun[stream] !== this.of(stream).incarnation;
  }

  /** A message of an open stream is at `sequence`: the mark may move there. */
  note(stream: KeptStream, sequence: number): void {
    if (sequence > this.seen[stream]) this.seen[stream] = sequence;
  }

  /** Takes over what other processes wrote. While the store does not answer, what is in memory counts. */
  async refresh(): Promise<void> {
    const record = await within(this.marks.read(), READ_MS).catch(() => null);
    if (record === null) return;
    this.isFound = true;
    const before = this.known;
    this.known = record;
    for (const stream of KEPT_STREAMS) {
      const { incarnation, mark } = record.streams[stream];
      const known = before.streams[stream];
      if (incarnation !== known.incarnation) this.seen[stream] = mark.sequence;
      else if (mark.sequence < known.mark.sequence) this.remember(stream, known.mark);
      this.note(stream, mark.sequence);
    }
  }

  /** Moves the marks of open streams to where this process knows a message. */
  async raiseAll(isOpen: (stream: KeptStream) => boolean): Promise<void> {
    for (const stream of KEPT_STREAMS) {
      const { incarnation, mark } = this.of(stream);
      if (!isOpen(stream) || this.seen[stream] <= mark.sequence) continue;
      const raised = await markAt(this.jsm, stream, this.seen[stream]);
      if (raised === null || !isOpen(stream)) continue;
      this.remember(stream, raised);
      await this.marks.raise(stream, incarnation, raised);
    }
  }

  /** Tells the other processes, by the record. A store that does not answer is told at the next tick. */
  async tell(stream: KeptStream, trouble: Trouble | null): Promise<void> {
    const { incarnation, state, mark } = this.of(stream);
    const isSaid = state === (trouble === null ? 'open' : 'rewound');
    if (state === 'accepting' || isSaid) return;
    const seen = { ...NO_MARK, sequence: this.seen[stream] };
    try {
      if (trouble !== null && seen.sequence > mark.sequence) await this.marks.raise(stream, incarnation, seen); // Else others would find nothing wrong.
      await this.marks.settle(stream, incarnation, trouble);
    } catch (error) {
      if (!(error instanceof MarksUnavailable)) throw error;
    }
  }

  /** Gives the stream a new incarnation that begins after `end`. Another process may have been first; its incarnation counts. */
  async resume(stream: KeptStream, end: number): Promise<void> {
    await this.marks.resume(stream, this.of(stream).incarnation, { incarnation: ulid(), begins_after: end });
    this.known = (await this.marks.read()) ?? this.known;
    this.seen[stream] = this.of(stream).mark.sequence;
  }

  private remember(stream: KeptStream, mark: Mark): void {
    this.known = { ...this.known, streams: { ...this.known.streams, [stream]: { ...this.of(stream), mark } } };
  }
}

/** One value for each stream that is kept. */
export const ofEach = <T>(value: (stream: KeptStream) => T): Record<KeptStream, T> => ({
  FACTS: value('FACTS'),
  CALLS: value('CALLS'),
  TELEMETRY: value('TELEMETRY'),
});
