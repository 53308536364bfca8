import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ulid } from 'ulid';
import { type Instant, Position, type Stream } from '@app/kernel';
import { LogRefused, LogUnavailable } from './errors.js';
import { type Trouble, checkStream } from './log-check.js';
import { type LogMarks, type LogRecord, type Mark, MarksUnavailable, NO_MARK, type StreamMark } from './log-marks.js';
import { markAt } from './mark-of.js';
import { isSilence } from './silence.js';
import { CALLS, FACTS, KEPT_STREAMS, type KeptStream, TELEMETRY } from './streams.js';

/** Maximum wait of a write for a check that is under way, ms. */
const PASS_MS = 3_000;
/** Interval at which marks are written and the record is read, ms. */
const TICK_MS = 1_000;
/** Timeout for one reading of the record before a check, ms. */
const READ_MS = 1_000;
/** Pause between two attempts at a check that got no answer, ms. */
const ASK_AGAIN_MS = 250;

const KEPT_AS: Readonly<Record<Stream, KeptStream>> = { facts: FACTS, calls: CALLS, telemetry: TELEMETRY };

/**
 * `checking` not checked since the start or the last disconnect
 * `open`     continues what was seen of it
 * `closed`   does not; `trouble` says why
 */
type Line = { state: 'checking' | 'open' } | { state: 'closed'; trouble: Trouble };

export interface GateParts {
  readonly nc: NatsConnection;
  readonly jsm: JetStreamManager;
  readonly marks: LogMarks;
  readonly warn: (sentence: string) => void;
}

/**
 * Keeps this process from writing to a stream, or committing what it read there, before the stream was found to continue what was
 * seen of it. Each stream is on its own:
 *
 *   checking -- the leader has the message at the mark --------------------> open
 *   checking -- it has another one, or ends before it ----------------------> closed
 *   checking -- no leader answers -------------------------------------------> checking: silence is no rewind
 *   open     -- the connection is lost: the client buffers what is written --> checking
 *   open     -- another process, or a reader of this one, says why not ------> closed
 *   closed   -- the right stream is back, or was accepted -------------------> open, and `reopened` resolves
 *
 * What this process holds in memory of a stream that was closed may be of a history that is gone: it starts anew on `reopened`.
 *
 * TELEMETRY is never closed for what it lost: a new incarnation begins where the stream ends, and roll-ups go on from there.
 */
export class LogGate {
  private readonly lines: Record<KeptStream, Line>;
  /** The highest sequence this process knows of. */
  private readonly seen: Record<KeptStream, number>;
  /** The incarnations this process was started on. */
  private readonly begun: Record<KeptStream, string>;
  private readonly listeners = new Set<() => void>();
  private readonly wasReopened = Promise.withResolvers<void>();
  private waiting = Promise.withResolvers<void>();
  private timer: NodeJS.Timeout | undefined;
  private ticking: Promise<void> = Promise.resolve();
  private checking: Promise<void> = Promise.resolve();
  private connection = 0;
  private isEnded = false;
  /** Whether PostgreSQL knew an instance when it last answered. */
  private isFound = false;

  private constructor(
    private readonly parts: GateParts,
    private record: LogRecord,
    /** Known before the log was looked at: then it is not looked at. */
    private readonly missing: 'private.missing' | null,
  ) {
    const of = <T>(value: (stream: KeptStream) => T) =>
      ({ FACTS: value(FACTS), CALLS: value(CALLS), TELEMETRY: value(TELEMETRY) }) satisfies Record<KeptStream, T>;
    this.lines = of(() => ({ state: 'checking' }));
    this.begun = of((stream) => record.streams[stream].incarnation);
    this.seen = of((stream) => record.streams[stream].mark.sequence);
  }

  /** Resolves when each stream is open or closed. Waits for a leader as long as it takes. */
  static async open(parts: GateParts, record: LogRecord, missing: 'private.missing' | null): Promise<LogGate> {
    const gate = new LogGate(parts, record, missing);
    void gate.listen();
    gate.recheck();
    await gate.checking;
    gate.plan();
    return gate;
  }

  /** Resolves when a stream that was closed is open again: from then on this process must be started anew. */
  get reopened(): Promise<void> {
    return this.wasReopened.promise;
  }

  get instanceId(): string {
    return this.record.instance_id;
  }

  incarnationOf(stream: KeptStream): string {
    return this.record.streams[stream].incarnation;
  }

  /** Where the incarnation of a stream begins. */
  beginOf(stream: KeptStream): number {
    return this.record.streams[stream].begins_after;
  }

  /** When the stream was last accepted as it is; null: never. */
  acceptedAt(stream: KeptStream): Instant | null {
    return this.record.streams[stream].accepted_at;
  }

  isOpen(stream: KeptStream): boolean {
    return this.lines[stream].state === 'open';
  }

  /** Why streams are closed; empty: none is. */
  troubles(): readonly Trouble[] {
    return KEPT_STREAMS.flatMap((stream) => {
      const line = this.lines[stream];
      return line.state === 'closed' ? [line.trouble] : [];
    });
  }

  /** A place in a stream, as a token. */
  token(parts: Readonly<Partial<Record<Stream, number>>>): string {
    return this.place(parts).format();
  }

  place(parts: Readonly<Partial<Record<Stream, number>>>): Position {
    const logs = Object.keys(parts).map((stream) => [stream, logOf(this.incarnationOf(KEPT_AS[stream as Stream]))]);
    return new Position(parts, Object.fromEntries(logs) as Partial<Record<Stream, string>>);
  }

  /** Whether a position may be one of this log: its parts are of the incarnations there are, or of a time when tokens did not say. */
  isOurs(position: Position): boolean {
    return (Object.keys(KEPT_AS) as Stream[]).every((stream) => {
      if (position.of(stream) === undefined) return true;
      const { incarnation, accepted_at } = this.record.streams[KEPT_AS[stream]];
      const log = position.logOf(stream);
      return log === undefined ? accepted_at === null : log === logOf(incarnation);
    });
  }

  /**
   * Resolves when the stream may be written to. Throws `LogRefused` while it is closed, and `LogUnavailable` when it could not be
   * checked in time.
   */
  async pass(stream: KeptStream): Promise<void> {
    for (const deadline = performance.now() + PASS_MS; this.lines[stream].state === 'checking';) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new LogUnavailable('the event log does not answer');
      await within(this.waiting.promise, leftMs).catch(() => undefined);
    }
    this.assertOpen(stream);
  }

  /** Throws `LogRefused` while the stream is closed. */
  assertNotClosed(stream: KeptStream): void {
    const line = this.lines[stream];
    if (line.state === 'closed') throw refusalOf(line.trouble, this.record);
  }

  /** Throws `LogRefused`, or `LogUnavailable` before the stream was checked. */
  assertOpen(stream: KeptStream): void {
    this.assertNotClosed(stream);
    if (this.lines[stream].state === 'checking') throw new LogUnavailable('the event log does not answer');
  }

  /** A message of an open stream is at `sequence`: the mark may move there. */
  note(stream: KeptStream, sequence: number): void {
    if (sequence > this.seen[stream]) this.seen[stream] = sequence;
  }

  /** The highest sequence of a stream that this process knows of. */
  seenOf(stream: KeptStream): number {
    return this.seen[stream];
  }

  /** A reader met what cannot be. Closes the stream for every process. */
  trip(trouble: Trouble): void {
    if (this.lines[trouble.stream].state === 'closed') return;
    this.close_(trouble);
    void this.tell(trouble.stream, trouble).catch((error: unknown) =>
      this.parts.warn(`Cannot keep the marks of the log: ${wordsOf(error)}`),
    );
  }

  /** A reader doubts that the stream is the one it read. Checks it anew before anything else is written to it. */
  suspect(stream: KeptStream): void {
    if (this.lines[stream].state !== 'open') return;
    this.lines[stream] = { state: 'checking' };
    void this.check(stream, this.connection);
  }

  /** Calls `listener` whenever a stream is opened or closed; answers how to end that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Writes the marks a last time. */
  async close(): Promise<void> {
    if (this.isEnded) return;
    this.isEnded = true;
    clearTimeout(this.timer);
    await this.ticking;
    await this.raiseAll().catch(() => undefined);
  }

  /** The status of a connection changes before the client dials again, so nothing that is written meanwhile waits for the new one. */
  private async listen(): Promise<void> {
    for await (const { type } of this.parts.nc.status()) {
      if (type === 'disconnect') {
        this.connection++;
        for (const stream of KEPT_STREAMS) if (this.lines[stream].state === 'open') this.lines[stream] = { state: 'checking' };
      }
      if (type === 'reconnect') this.recheck();
    }
  }

  private recheck(): void {
    const connection = this.connection;
    this.checking = Promise.all(KEPT_STREAMS.map((stream) => this.check(stream, connection))).then(() => undefined);
  }

  /** Until an answer came, or the connection is another one. */
  private async check(stream: KeptStream, connection: number): Promise<void> {
    await this.refresh();
    while (!this.isEnded && connection === this.connection) {
      try {
        const trouble = await this.look(stream);
        if (connection !== this.connection) return;
        if (trouble === null) this.open_(stream);
        else this.close_(trouble);
        return await this.tell(stream, trouble);
      } catch (error) {
        if (!isSilence(error)) this.parts.warn(`Cannot check ${stream}, retrying: ${wordsOf(error)}`);
        await pause(ASK_AGAIN_MS);
      }
    }
  }

  private async look(stream: KeptStream): Promise<Trouble | null> {
    const { state, trouble: said } = this.record.streams[stream];
    if (this.missing !== null)
      return { stream, code: this.missing, detail: `PostgreSQL knows no instance, and ${stream} belongs to ${this.instanceId}`, end: 0 };
    if (state === 'accepting')
      return { stream, code: 'log.accepting', detail: `${stream} is being accepted as it is`, end: said?.end ?? 0 };
    const line = this.lines[stream];
    const before = line.state === 'closed' ? line.trouble : said;
    const trouble = await checkStream(this.parts.jsm, stream, this.record, { seen: this.seen[stream], before });
    if (stream !== TELEMETRY || trouble === null || trouble.code === 'log.missing') return trouble;
    await this.resume(trouble);
    return null;
  }

  /** What is lost of TELEMETRY cannot be had again, and nothing is decided on it: it goes on from where it is. */
  private async resume(trouble: Trouble): Promise<void> {
    const { incarnation } = this.record.streams.TELEMETRY;
    const lost = this.seen.TELEMETRY - trouble.end;
    this.parts.warn(`${trouble.detail}. Measurements continue from ${trouble.end}; ${Math.max(0, lost)} are missing from TELEMETRY.`);
    const begun = { incarnation: ulid(), begins_after: trouble.end };
    await this.parts.marks.resume(TELEMETRY, incarnation, begun);
    const record = await this.parts.marks.read();
    if (record !== null) this.record = record; // Another process may have been first; its incarnation counts.
    this.seen.TELEMETRY = this.record.streams.TELEMETRY.mark.sequence;
  }

  private open_(stream: KeptStream): void {
    const before = this.lines[stream].state;
    this.lines[stream] = { state: 'open' };
    this.changed(before !== 'open');
    if (before !== 'closed') return;
    this.parts.warn(`${stream} continues what was seen of it again; this process starts anew.`);
    this.wasReopened.resolve();
  }

  private close_(trouble: Trouble): void {
    const before = this.lines[trouble.stream];
    this.lines[trouble.stream] = { state: 'closed', trouble };
    const isNew = before.state !== 'closed' || before.trouble.code !== trouble.code || before.trouble.detail !== trouble.detail;
    if (isNew) this.parts.warn(`Nothing is written to ${trouble.stream}: ${trouble.detail} (${trouble.code}).`);
    this.changed(isNew);
  }

  private changed(isNew: boolean): void {
    this.waiting.resolve();
    this.waiting = Promise.withResolvers<void>();
    if (isNew) for (const listener of this.listeners) listener();
  }

  /** Tells the other processes, by the record. A store that does not answer is told at the next tick. */
  private async tell(stream: KeptStream, trouble: Trouble | null): Promise<void> {
    const { incarnation, state, mark } = this.record.streams[stream];
    const isSaid = state === (trouble === null ? 'open' : 'rewound');
    if (state === 'accepting' || this.missing !== null || isSaid) return;
    const { marks } = this.parts;
    const seen = { ...NO_MARK, sequence: this.seen[stream] };
    try {
      if (trouble !== null && seen.sequence > mark.sequence) await marks.raise(stream, incarnation, seen); // Else others would find nothing wrong.
      await marks.settle(stream, incarnation, trouble);
    } catch (error) {
      if (!(error instanceof MarksUnavailable)) throw error;
    }
  }

  private plan(): void {
    if (this.isEnded) return;
    this.timer = setTimeout(() => {
      this.ticking = this.tick()
        .catch((error: unknown) => {
          if (!(error instanceof MarksUnavailable) && !isSilence(error))
            this.parts.warn(`Cannot keep the marks of the log: ${wordsOf(error)}`);
        })
        .finally(() => this.plan());
    }, TICK_MS);
    this.timer.unref();
  }

  private async tick(): Promise<void> {
    await this.raiseAll();
    await this.refresh();
    if (this.isEnded || this.parts.nc.isClosed()) return;
    if (KEPT_STREAMS.some((stream) => stream !== TELEMETRY && this.begun[stream] !== this.incarnationOf(stream)))
      return this.wasReopened.resolve();
    if (this.missing !== null && this.isFound) return this.wasReopened.resolve();
    for (const stream of KEPT_STREAMS) {
      const { state, trouble } = this.record.streams[stream];
      const line = this.lines[stream];
      if (line.state === 'open' && state === 'rewound' && trouble !== null) this.close_({ stream, ...trouble } as Trouble);
      else if (line.state === 'open' && state === 'accepting') await this.check(stream, this.connection);
      else if (line.state === 'closed') await this.check(stream, this.connection);
    }
  }

  /** Moves the marks of open streams to where this process knows a message. */
  private async raiseAll(): Promise<void> {
    for (const stream of KEPT_STREAMS) {
      const { incarnation, mark } = this.record.streams[stream];
      if (this.lines[stream].state !== 'open' || this.seen[stream] <= mark.sequence) continue;
      const raised = await markAt(this.parts.jsm, stream, this.seen[stream]);
      if (raised === null || this.lines[stream].state !== 'open') continue;
      this.remember(stream, { mark: raised });
      await this.parts.marks.raise(stream, incarnation, raised);
    }
  }

  /** Takes over what other processes wrote. While the store does not answer, what is in memory counts. */
  private async refresh(): Promise<void> {
    const record = await within(this.parts.marks.read(), READ_MS).catch(() => null);
    if (record === null) return;
    this.isFound = true;
    const before = this.record;
    this.record = record;
    for (const stream of KEPT_STREAMS) {
      const { incarnation, mark } = record.streams[stream];
      const known = before.streams[stream];
      if (incarnation !== known.incarnation) this.seen[stream] = mark.sequence;
      else if (mark.sequence < known.mark.sequence) this.remember(stream, { mark: known.mark });
      this.note(stream, mark.sequence);
    }
  }

  private remember(stream: KeptStream, changed: { readonly mark: Mark }): void {
    const known: StreamMark = { ...this.record.streams[stream], ...changed };
    this.record = { ...this.record, streams: { ...this.record.streams, [stream]: known } };
  }
}

/** The four characters by which a token names an incarnation: the last, which are random. */
export const logOf = (incarnation: string): string => incarnation.slice(-4).toLowerCase();

/** The line an operator runs on the host to go on with the log as it is. */
export const acceptLine = (instanceId: string, how?: 'restored'): string =>
  `npm run log -- accept ${how === undefined ? '' : '--restored '}--confirm=${instanceId}`;

function refusalOf({ stream, code, detail }: Trouble, { instance_id, streams }: LogRecord): LogRefused {
  return new LogRefused(code, `${detail}; nothing is written to it.`, next());

  function next(): string {
    if (code === 'log.accepting') return 'Wait until the accept has ended; if it was interrupted, run it again.';
    if (streams[stream].restored_at !== null) return `End the restore, on the host: ${acceptLine(instance_id, 'restored')}`;
    return `Stop the system and put the right copy back, or go on with what is there, on the host: ${acceptLine(instance_id)}`;
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => (timer = setTimeout(() => reject(new Error('late')), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
