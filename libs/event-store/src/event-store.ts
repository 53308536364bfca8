import { type JetStreamManager, type StreamInfo, jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, type NatsConnection, connect } from '@nats-io/transport-node';
import type { EventClass } from '@app/kernel';
import { LogUnderAccept } from './accept-streams.js';
import { Appender } from './appender.js';
import { Browser } from './browse.js';
import type { CallLog } from './call-log.js';
import type { CommandHandler } from './command-handler.js';
import { Catalogue } from './envelope.js';
import type { FactFeed } from './fact-feed.js';
import { type Batch, type From, assertSameLog, follow } from './follow.js';
import { Histories } from './histories.js';
import type { InstanceIdentity } from './identity.js';
import { LogGate } from './log-gate.js';
import { type LogMarks, type LogRecord, MarksUnavailable, NO_MARK } from './log-marks.js';
import { LogCommandHandler } from './log-command-handler.js';
import { LogCallLog } from './log-call-log.js';
import { LogFactFeed } from './log-fact-feed.js';
import { LogOnce } from './log-once.js';
import { LogTelemetry } from './log-telemetry.js';
import { NatsQuestions } from './nats-questions.js';
import type { Once } from './once.js';
import type { Questions } from './questions.js';
import { type SetUp, setUpStreams } from './set-up-streams.js';
import {
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

/** What `connect` of the client takes; the name is what an operator sees of this process in the server's list. */
export type LogAccess = Pick<ConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls' | 'inboxPrefix'> & { readonly name: string };

/** The event log, opened: everything a process may do with it, over one connection. */
export class EventStore {
  private constructor(
    readonly nc: NatsConnection,
    private readonly jsm: JetStreamManager,
    readonly catalogue: Catalogue,
    readonly identity: InstanceIdentity,
    readonly appender: Appender,
    readonly commands: CommandHandler,
    readonly telemetry: Telemetry,
    readonly calls: CallLog,
    readonly feed: FactFeed,
    readonly questions: Questions,
    readonly once: Once,
    readonly browser: Browser,
    readonly gate: LogGate,
  ) {}

  /** Waits for the server as long as it takes. Throws `StreamDrift` when the log is not as this release's set-up leaves it. */
  static async open(
    access: LogAccess,
    events: readonly EventClass[],
    sizes: StreamSizes,
    marks: LogMarks,
    warn: (sentence: string) => void = () => undefined,
  ): Promise<EventStore> {
    const nc = await connectTo(access);
    try {
      const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: ASK_MS });
      const known = await recordOf(jsm, marks, warn);
      const isGone = (await infoOf(jsm, FACTS)) === undefined; // The gate says so, and what to do.
      if (!isGone) await verifyStreams(jsm, sizes, KEPT_STREAMS);
      const gate = await LogGate.open({ nc, jsm, marks, warn }, known.record, known.missing);
      const identity = { instance_id: gate.instanceId, incarnation: gate.incarnationOf(FACTS) };
      const catalogue = new Catalogue(events);
      const histories = new Histories(jsm, catalogue);
      const appender = new Appender(nc, histories, identity, gate);
      const commands = new LogCommandHandler(appender, histories, gate);
      return new EventStore(
        nc,
        jsm,
        catalogue,
        identity,
        appender,
        commands,
        new LogTelemetry(nc, identity, gate),
        new LogCallLog(nc, identity, gate),
        new LogFactFeed(nc, jsm, catalogue, gate),
        new NatsQuestions(nc),
        new LogOnce(nc, gate),
        new Browser(jsm),
        gate,
      );
    } catch (error) {
      await nc.close();
      throw error;
    }
  }

  /** Throws `HistoryRewound` unless `from` is a place in this log, and what the client throws. */
  async assertContinues(from: From): Promise<void> {
    await assertSameLog(this.jsm, from, this.incarnationOf(from.stream));
  }

  /** See `follow`. */
  follow(from: From, signal: AbortSignal): AsyncGenerator<Batch, void, void> {
    return follow(this.nc, this.jsm, from, signal, () => this.incarnationOf(from.stream));
  }

  private incarnationOf(stream: string): string {
    return isKept(stream) ? this.gate.incarnationOf(stream) : this.identity.incarnation;
  }

  /** What the server says of a stream now. Throws what the client throws when there is no answer. */
  info(stream: string): Promise<StreamInfo> {
    return this.jsm.streams.info(stream);
  }

  /** The ids of every thing of one kind that ever had a fact: `federation.peer`. Throws what the client throws. */
  async idsOf(kind: string): Promise<string[]> {
    const prefix = `facts.${kind}.`;
    const { state } = await this.jsm.streams.info(FACTS, { subjects_filter: `${prefix}*` });
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
  }

  /** When the server stored a message; null: it is not there, or not any more. Throws what the client throws. */
  async storedAt(stream: string, seq: number): Promise<Date | null> {
    return (await this.jsm.streams.getMessage(stream, { seq }))?.time ?? null;
  }

  /** Whether the server answers, within `ANSWERS_MS`. */
  async answers(): Promise<boolean> {
    const late = Promise.withResolvers<false>();
    const timer = setTimeout(() => late.resolve(false), ANSWERS_MS);
    const rtt = this.nc.rtt().then(
      () => true,
      () => false,
    );
    return Promise.race([rtt, late.promise]).finally(() => clearTimeout(timer));
  }

  /** Sends what is on its way, and hangs up; only hangs up when the server is gone. */
  async close(): Promise<void> {
    await this.gate.close();
    if (!this.nc.isClosed()) await this.nc.drain().catch(() => this.nc.close());
  }
}

const ANSWERS_MS = 2_000;
/** A question to the log that is not answered in this time is not going to be. */
const ASK_MS = 3_000;

/** Makes and corrects the streams, as the user who may; once, before any process opens the log. */
export async function setUpEventStore(access: LogAccess, sizes: StreamSizes, marks: LogMarks): Promise<SetUp> {
  const nc = await connectTo(access);
  try {
    return await setUpStreams(await jetstreamManager(nc), sizes, marks);
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
  const nc = await connectTo(access);
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
      await new Promise((resolve) => setTimeout(resolve, MARKS_AGAIN_MS));
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
    ...{ trouble: null, next_incarnation: null, accepted_at: null },
  });
  return { instance_id, streams: { FACTS: of('FACTS'), CALLS: of('CALLS'), TELEMETRY: of('TELEMETRY') } };
}

const connectTo = (access: LogAccess): Promise<NatsConnection> =>
  connect({
    ...access,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    waitOnFirstConnect: true,
    pingInterval: 5_000, // A server that vanished without a word is noticed after two of these.
    maxPingOut: 2,
    noAsyncTraces: true, // Two stack traces for each append, in case it fails: a quarter of what it cost us.
  });
