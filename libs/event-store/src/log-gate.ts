import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Instant, type Position, type Stream, messageOf } from '@app/kernel';
import { LogUnavailable } from './errors.js';
import { KnownMarks, ofEach } from './known-marks.js';
import { type Trouble, checkStream } from './log-check.js';
import { type LogMarks, type LogRecord, MarksUnavailable } from './log-marks.js';
import { isPlaceIn, placeIn } from './log-place.js';
import { refusalOf } from './log-refusal.js';
import { pause } from './pause.js';
import { isUnavailable } from './unavailable.js';
import { KEPT_STREAMS, type KeptStream, TELEMETRY } from './streams.js';
import { within } from './within.js';

/** Maximum wait of a write for a check that is under way, ms. */
const PASS_MS = 3_000;
/** Interval at which marks are written and the record is read, ms. */
const TICK_MS = 1_000;
/** Pause between two attempts at a check that got no answer, ms. */
const ASK_AGAIN_MS = 250;

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
  private readonly listeners = new Set<() => void>();
  private readonly wasReopened = Promise.withResolvers<void>();
  private waiting = Promise.withResolvers<void>();
  private timer: NodeJS.Timeout | undefined;
  private ticking: Promise<void> = Promise.resolve();
  private checking: Promise<void> = Promise.resolve();
  private connection = 0;
  private isEnded = false;
  private constructor(
    private readonly parts: GateParts,
    private readonly known: KnownMarks,
    /** Known before the log was looked at: then it is not looked at. */
    private readonly missing: 'private.missing' | null,
  ) {
    this.lines = ofEach(() => ({ state: 'checking' }));
  }

  /** Resolves when each stream is open or closed. Waits for a leader as long as it takes. */
  static async open(parts: GateParts, record: LogRecord, missing: 'private.missing' | null): Promise<LogGate> {
    const gate = new LogGate(parts, new KnownMarks(parts.jsm, parts.marks, record), missing);
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
    return this.known.record.instance_id;
  }

  incarnationOf(stream: KeptStream): string {
    return this.known.of(stream).incarnation;
  }

  /** Where the incarnation of a stream begins. */
  beginOf(stream: KeptStream): number {
    return this.known.of(stream).begins_after;
  }

  /** When the stream was last accepted as it is; null: never. */
  acceptedAt(stream: KeptStream): Instant | null {
    return this.known.of(stream).accepted_at;
  }

  readonly isOpen = (stream: KeptStream): boolean => this.lines[stream].state === 'open';

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
    return placeIn(this.known, parts);
  }

  /** Whether a position may be one of this log: its parts are of the incarnations there are, or of a time when tokens did not say. */
  isOurs(position: Position): boolean {
    return isPlaceIn(this.known, position);
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
    if (line.state === 'closed') throw refusalOf(line.trouble, this.known.record);
  }

  /** Throws `LogRefused`, or `LogUnavailable` before the stream was checked. */
  assertOpen(stream: KeptStream): void {
    this.assertNotClosed(stream);
    if (this.lines[stream].state === 'checking') throw new LogUnavailable('the event log does not answer');
  }

  /** A message of an open stream is at `sequence`: the mark may move there. */
  note(stream: KeptStream, sequence: number): void {
    this.known.note(stream, sequence);
  }

  /** The highest sequence of a stream that this process knows of. */
  seenOf(stream: KeptStream): number {
    return this.known.seenOf(stream);
  }

  /** A reader met what cannot be. Closes the stream for every process. */
  trip(trouble: Trouble): void {
    if (this.lines[trouble.stream].state === 'closed') return;
    this.close_(trouble);
    void this.known
      .tell(trouble.stream, trouble)
      .catch((error: unknown) => this.parts.warn(`Cannot keep the marks of the log: ${messageOf(error)}`));
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
    await this.known.raiseAll(this.isOpen).catch(() => undefined);
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
    await this.known.refresh();
    while (!this.isEnded && connection === this.connection) {
      try {
        const trouble = await this.look(stream);
        if (connection !== this.connection) return;
        if (trouble === null) this.open_(stream);
        else this.close_(trouble);
        return this.missing === null ? await this.known.tell(stream, trouble) : undefined;
      } catch (error) {
        if (!isUnavailable(error)) this.parts.warn(`Cannot check ${stream}, retrying: ${messageOf(error)}`);
        await pause(ASK_AGAIN_MS);
      }
    }
  }

  private async look(stream: KeptStream): Promise<Trouble | null> {
    const { state, trouble: said } = this.known.of(stream);
    if (this.missing !== null)
      return { stream, code: this.missing, detail: `PostgreSQL knows no instance, and ${stream} belongs to ${this.instanceId}`, end: 0 };
    if (state === 'accepting')
      return { stream, code: 'log.accepting', detail: `${stream} is being accepted as it is`, end: said?.end ?? 0 };
    const line = this.lines[stream];
    const before = line.state === 'closed' ? line.trouble : said;
    const trouble = await checkStream(this.parts.jsm, stream, this.known.record, { seen: this.seenOf(stream), before });
    if (stream !== TELEMETRY || trouble === null || trouble.code === 'log.missing') return trouble;
    await this.resume(trouble);
    return null;
  }

  /** What is lost of TELEMETRY cannot be had again, and nothing is decided on it: it goes on from where it is. */
  private async resume({ detail, end }: Trouble): Promise<void> {
    const lost = Math.max(0, this.seenOf(TELEMETRY) - end);
    this.parts.warn(`${detail}. Measurements continue from ${end}; ${lost} are missing from TELEMETRY.`);
    await this.known.resume(TELEMETRY, end);
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

  private plan(): void {
    if (this.isEnded) return;
    this.timer = setTimeout(() => {
      this.ticking = this.tick()
        .catch((error: unknown) => {
          if (!(error instanceof MarksUnavailable) && !isUnavailable(error))
            this.parts.warn(`Cannot keep the marks of the log: ${messageOf(error)}`);
        })
        .finally(() => this.plan());
    }, TICK_MS);
    this.timer.unref();
  }

  private async tick(): Promise<void> {
    await this.known.raiseAll(this.isOpen);
    await this.known.refresh();
    if (this.isEnded || this.parts.nc.isClosed()) return;
    const isReplaced = KEPT_STREAMS.some((stream) => stream !== TELEMETRY && this.known.isReplaced(stream));
    if (isReplaced || (this.missing !== null && this.known.isFound)) return this.wasReopened.resolve();
    for (const stream of KEPT_STREAMS) {
      const { state, trouble } = this.known.of(stream);
      const line = this.lines[stream];
      if (line.state === 'open' && state === 'rewound' && trouble !== null) this.close_({ stream, ...trouble } as Trouble);
      else if (line.state === 'closed' || (line.state === 'open' && state === 'accepting')) await this.check(stream, this.connection);
    }
  }
}
