import { type JetStreamManager, type StreamInfo, jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, type NatsConnection, connect } from '@nats-io/transport-node';
import type { EventClass } from '@app/kernel';
import { LogUnderAccept } from './accept-streams.js';
import { Appender } from './appender.js';
import { Browser } from './browse.js';
import type { CallLog } from './call-log.js';
import type { CommandHandler } from './command-handler.js';
import { Decoder } from './decoder.js';
import { type DiskFull, DiskWatch } from './disk-watch.js';
import { Catalogue, type RawMessage } from './envelope.js';
import type { EventSubscription } from './event-subscription.js';
import { type Batch, type From, assertSameLog, consume } from './consume.js';
import { AggregateReader } from './aggregate-reader.js';
import type { InstanceIdentity } from './identity.js';
import { LogGate } from './log-gate.js';
import { type LogMarks, type LogRecord, MarksUnavailable, NO_MARK } from './log-marks.js';
import { hasQuorum } from './quorum.js';
import { LogCommandHandler } from './log-command-handler.js';
import { LogCallLog } from './log-call-log.js';
import { LogEventSubscription } from './log-event-subscription.js';
import { LogNonceStore } from './log-nonce-store.js';
import { LogSpace } from './log-space.js';
import { LogTelemetry } from './log-telemetry.js';
import { NatsClock, serverTimeOf } from './nats-clock.js';
import { NatsRequestReply } from './nats-request-reply.js';
import type { NonceStore } from './nonce-store.js';
import type { RequestReply } from './request-reply.js';
import { RequestMarks } from './request-marks.js';
import { withUnavailable } from './unavailable.js';
import { type SetUp, setUpStreams } from './set-up-streams.js';
import {
  CALLS,
  FACTS,
  KEPT_STREAMS,
  type KeptStream,
  StreamDrift,
  type StreamSizes,
  identityIn,
  infoOf,
  isKept,
  verifyStreams,
} from './streams.js';
import type { Telemetry } from './telemetry.js';
import { Voids } from './voids.js';
import { type Say, aloud, whenLed } from './when-led.js';
import { pause } from './pause.js';

/** What `connect` of the client takes; the name is what an operator sees of this process in the server's list. */
export type LogAccess = Pick<ConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls' | 'inboxPrefix'> & {
  readonly name: string;
  readonly disk?: DiskFull;
};

/** The event log, opened: everything a process may do with it, over one connection. */
export class EventStore {
  /** As far as this process was told. */
  readonly clock = new NatsClock();
  private asked: { readonly atMs: number; readonly answer: Promise<boolean> } | undefined;

  private constructor(
    readonly nc: NatsConnection,
    private readonly jsm: JetStreamManager,
    readonly catalogue: Catalogue,
    readonly decoder: Decoder,
    readonly voids: Voids,
    readonly identity: InstanceIdentity,
    readonly appender: Appender,
    private readonly handler: LogCommandHandler,
    readonly telemetry: Telemetry,
    readonly calls: CallLog,
    readonly subscription: EventSubscription,
    readonly rpc: RequestReply,
    readonly nonces: NonceStore,
    readonly browser: Browser,
    private readonly disk: DiskWatch,
    readonly gate: LogGate,
  ) {}

  get commands(): CommandHandler {
    return this.handler;
  }

  /** For commands of requests with an Idempotency-Key, whose facts are marked with a MAC of the request. `secretsKey`: 32 bytes. */
  commandsOfRequests(secretsKey: Uint8Array): CommandHandler {
    return this.handler.marking(new RequestMarks(secretsKey));
  }

  /**
   * Waits for the server, a leader and the marks as long as it takes, and says so. Throws `StreamDrift` when the log is not as this release's
   * set-up leaves it.
   */
  static async open(
    access: LogAccess,
    events: readonly EventClass[],
    sizes: StreamSizes,
    marks: LogMarks,
    say: Say = () => undefined,
  ): Promise<EventStore> {
    const nc = await connectTo(access, say);
    try {
      const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: ASK_MS });
      const known = await whenLed(nc, () => recordOf(jsm, marks, say), say);
      const isGone = (await whenLed(nc, () => infoOf(jsm, FACTS), say)) === undefined; // The gate says so, and what to do.
      if (!isGone) await whenLed(nc, () => verifyStreams(jsm, sizes, KEPT_STREAMS), say);
      const gate = await LogGate.open({ nc, jsm, marks, warn: say }, known.record, known.missing);
      const identity = { instance_id: gate.instanceId, incarnation: gate.incarnationOf(FACTS) };
      const catalogue = new Catalogue(events);
      const voids = new Voids(nc, jsm);
      if (!isGone) await voids.start();
      const decoder = new Decoder(catalogue, voids);
      const aggregates = new AggregateReader(jsm, decoder);
      const disk = await new DiskWatch(access.disk).start();
      const reserve = new Set(events.filter((event) => event.reserve === true).map(({ type }) => type));
      const space = new LogSpace(() => jsm.streams.info(FACTS), reserve, disk);
      const callSpace = new LogSpace(() => jsm.streams.info(CALLS), reserve, disk, CALLS_ONLY);
      const appender = new Appender(nc, aggregates, identity, gate, undefined, space);
      const commands = new LogCommandHandler(appender, aggregates, gate);
      return new EventStore(
        nc,
        jsm,
        catalogue,
        decoder,
        voids,
        identity,
        appender,
        commands,
        new LogTelemetry(nc, identity, gate, disk),
        new LogCallLog(nc, identity, gate, callSpace),
        new LogEventSubscription(nc, jsm, decoder, aggregates, voids, gate),
        new NatsRequestReply(nc),
        new LogNonceStore(nc, gate, disk),
        new Browser(jsm, decoder, voids),
        disk,
        gate,
      );
    } catch (error) {
      await nc.close();
      throw error;
    }
  }

  /** Throws `LogRewound` unless `from` is a place in this log, and what the client throws. */
  async assertContinues(from: From): Promise<void> {
    await assertSameLog(this.jsm, from, this.incarnationOf(from.stream));
  }

  /** See `follow`. */
  consume(from: From, signal: AbortSignal): AsyncGenerator<Batch, void, void> {
    return consume(this.nc, this.jsm, from, signal, () => this.incarnationOf(from.stream));
  }

  private incarnationOf(stream: string): string {
    return isKept(stream) ? this.gate.incarnationOf(stream) : this.identity.incarnation;
  }

  /**
   * What some subjects of a stream hold between two positions, in batches: the first is excluded, the last included. Begins again where
   * it was when the log falls silent. Throws as `follow`.
   */
  async *scan(
    { stream, subjects, after, upTo }: { stream: string; subjects: readonly string[]; after: number; upTo: number },
    signal: AbortSignal,
  ): AsyncGenerator<readonly RawMessage[], void, void> {
    const ends = subjects.map((last_by_subj) => withUnavailable(() => this.jsm.streams.getMessage(stream, { last_by_subj })));
    const end = Math.max(0, ...(await Promise.all(ends)).map((message) => message?.seq ?? 0));
    if (end <= after || upTo <= after) return;
    const from = { stream, after, incarnation: this.incarnationOf(stream), dense: false, subjects };
    for await (const { messages } of this.consume(from, signal)) {
      const wanted = messages.filter(({ seq }) => seq <= upTo);
      if (wanted.length > 0) yield wanted;
      if ((messages.at(-1)?.seq ?? 0) >= Math.min(end, upTo)) return;
    }
  }

  /** What the server says of a stream now. Throws `LogUnavailable`. */
  async info(stream: string): Promise<StreamInfo> {
    const info = await withUnavailable(() => this.jsm.streams.info(stream));
    this.clock.is(serverTimeOf(info));
    return info;
  }

  /** The ids of every thing of one kind that ever had a fact: `federation.peer`. Throws `LogUnavailable`. */
  async idsOf(kind: string): Promise<string[]> {
    const prefix = `facts.${kind}.`;
    const { state } = await withUnavailable(() => this.jsm.streams.info(FACTS, { subjects_filter: `${prefix}*` }));
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
  }

  /** When the server stored a message; null: it is not there, or not any more. Throws `LogUnavailable`. */
  async storedAt(stream: string, seq: number): Promise<Date | null> {
    return (await withUnavailable(() => this.jsm.streams.getMessage(stream, { seq })))?.time ?? null;
  }

  /** What keeps facts from being written, in a word for `/readyz`: `nats-disk-full`, or `nats`; null: nothing. */
  async failing(): Promise<'nats' | 'nats-disk-full' | null> {
    if (this.diskFull !== undefined) return 'nats-disk-full';
    return (await this.answers()) ? null : 'nats';
  }

  /** A sentence while the disk of NATS is full, as far as this process can look at it. */
  get diskFull(): string | undefined {
    return this.disk.full;
  }

  /** Whether facts can be written, as the leader of FACTS says within `ANSWERS_MS`; who asks again soon is told the same. */
  answers(): Promise<boolean> {
    const now = performance.now();
    if (this.asked === undefined || now - this.asked.atMs > ASKED_ANEW_MS) this.asked = { atMs: now, answer: this.askLeader() };
    return this.asked.answer;
  }

  private async askLeader(): Promise<boolean> {
    const late = Promise.withResolvers<false>();
    const timer = setTimeout(() => late.resolve(false), ANSWERS_MS);
    const leader = this.info(FACTS).then(hasQuorum, () => false);
    return Promise.race([leader, late.promise]).finally(() => clearTimeout(timer));
  }

  /** Sends what is on its way, and hangs up; only hangs up when the server is gone. */
  async close(): Promise<void> {
    await this.gate.close();
    this.voids.stop();
    this.disk.stop();
    if (!this.nc.isClosed()) await this.nc.drain().catch(() => this.nc.close());
  }
}

const ANSWERS_MS = 2_000;
/** Anybody may ask /readyz; the leader is asked once in this time. */
const ASKED_ANEW_MS = 500;
/** A question to the log that is not answered in this time is not going to be. */
const ASK_MS = 3_000;
const CALLS_ONLY = 'The record of calls is {percent} % full: it only takes how calls end that are under way.';

/**
 * Makes and corrects the streams, as the user who may; once, before any process opens the log. Waits for the server and a leader as
 * long as it takes, and says so.
 */
export async function setUpEventStore(access: LogAccess, sizes: StreamSizes, marks: LogMarks, say: Say = () => undefined): Promise<SetUp> {
  const nc = await connectTo(access, say);
  try {
    const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: ASK_MS });
    return await whenLed(nc, () => setUpStreams(jsm, sizes, marks), say);
  } finally {
    await nc.close();
  }
}

/** The log for an accept, as the user who may make streams. `record`: what the log says of itself; throws `StreamDrift` where it says nothing. */
export async function withLogUnderAccept<T>(
  access: LogAccess,
  sizes: StreamSizes,
  work: (log: LogUnderAccept, record: () => Promise<LogRecord>) => Promise<T>,
): Promise<T> {
  const nc = await connectTo(access, () => undefined);
  try {
    const jsm = await jetstreamManager(nc);
    return await work(new LogUnderAccept(jsm, sizes), () => foundIn(jsm));
  } finally {
    await nc.close();
  }
}

/** What is known of the log outside it; waits for the store of the marks. Throws `StreamDrift` when no set-up of this release ran. */
async function recordOf(
  jsm: JetStreamManager,
  marks: LogMarks,
  warn: (sentence: string) => void,
): Promise<{ record: LogRecord; missing: 'private.missing' | null }> {
  for (let isWarned = false; ; isWarned = true) {
    try {
      const record = await marks.read();
      return record === null ? { record: await foundIn(jsm), missing: 'private.missing' } : { record, missing: null };
    } catch (error) {
      if (!(error instanceof MarksUnavailable)) throw error;
      if (!isWarned) warn(`Cannot read the marks of the log, waiting: ${error.message}`);
      await pause(MARKS_AGAIN_MS);
    }
  }
}

const MARKS_AGAIN_MS = 500;

/** What a log says of itself whose record is gone. */
async function foundIn(jsm: JetStreamManager): Promise<LogRecord> {
  const info = await infoOf(jsm, FACTS);
  if (info === undefined) throw new StreamDrift([`${FACTS} is missing`]);
  const { instance_id, incarnation, isMarked } = identityIn(info.config);
  if (!isMarked || instance_id === undefined || incarnation === undefined) throw new StreamDrift([`${FACTS} bears no mark of a set-up`]);
  const of = <S extends KeptStream>(stream: S) => ({
    ...{ stream, incarnation, begins_after: 0, mark: NO_MARK, state: 'open' as const },
    ...{ trouble: null, next_incarnation: null, accepted_at: null, restored_at: null },
  });
  return { instance_id, streams: { FACTS: of('FACTS'), CALLS: of('CALLS'), TELEMETRY: of('TELEMETRY') } };
}

const connectTo = (access: LogAccess, say: Say): Promise<NatsConnection> =>
  aloud(
    connect({
      ...access, // The client passes over what it does not know.
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      waitOnFirstConnect: true,
      pingInterval: 5_000, // A server that vanished without a word is noticed after two of these.
      maxPingOut: 2,
      noAsyncTraces: true, // Two stack traces for each append, in case it fails: a quarter of what it cost us.
    }),
    `NATS at ${[access.servers ?? []].flat().join(', ')} does not answer: waiting for it ...`,
    say,
  );
