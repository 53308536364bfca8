import { randomBytes } from 'node:crypto';
import { DeliverPolicy, type JetStreamManager, type JsMsg, jetstream } from '@nats-io/jetstream';
import type { NatsConnection, QueuedIterator } from '@nats-io/transport-node';
import { delivered } from './delivered.js';
import type { RawMessage } from './envelope.js';
import { pause } from './pause.js';
import { isUnavailable } from './unavailable.js';

/** Where to begin, and in which log: a position means nothing in another. */
export interface From {
  readonly stream: string;
  /** The last one that is not wanted any more; 0: from the beginning. */
  readonly after: number;
  readonly incarnation: string;
  /** Facts are: then a missing position is a lost fact. Telemetry is not: its oldest go. */
  readonly dense: boolean;
  /** Only what is on these subjects, wildcards allowed; absent: everything. Then `dense` must be false. */
  readonly subjects?: readonly string[];
}

/** Messages in the order of the stream, none missing. Never empty. */
export interface Batch {
  readonly messages: readonly RawMessage[];
  /** How many more the stream held when the last of these was sent. */
  readonly pending: number;
  /** When the server stored the last of these, ms since 1970 by its own clock. */
  readonly storedAtMs: number;
}

const MAX_MESSAGES = 5_000;
const MAX_BYTES = 4 * 1024 ** 2;
/** A consumer that has nothing to bring says so this often; one that did not say it twice is silent. */
const SILENT_MS = 2_000;
/** While the server says that more is to come, a batch waits so long for it. */
const IDLE_MS = 3;
const ASK_AGAIN_MS = 250;
/** Random bytes in the name of a consumer. */
const NAME_BYTES = 16;

/** The log is not the one that was read up to here, or it lost its end: what was built from it may hold what it does not. */
export class LogRewound extends Error {
  readonly code = 'event-store.history-rewound';
}
/** A fact is missing in the middle. Going on would make every later answer wrong. */
export class LogGap extends Error {
  readonly code = 'event-store.history-gap';

  constructor(
    /** The first position that is not there. */
    readonly missing: number,
    next: number,
  ) {
    super(`after position ${missing - 1} comes ${next}`);
  }
}

/**
 * Follows a stream, in batches, until `signal` says stop. An ephemeral ordered consumer without acknowledgements: how far the
 * reader is, only the reader knows, and tells the next time by `after`. Whoever iterates slowly is not overrun.
 *
 * A consumer lives on one server of a cluster. When that one is gone the client asks after it for as long as it stays away, so a
 * consumer that falls silent, or that was there before a reconnect, is given up for a new one, which begins after what was handed over.
 *
 * `incarnation`: that of the stream now. Throws `LogRewound`, `LogGap`, or what the client throws when the log is gone; the caller begins again from what it has.
 */
export async function* consume(
  nc: NatsConnection,
  jsm: JetStreamManager,
  from: From,
  signal: AbortSignal,
  incarnation: () => string,
): AsyncGenerator<Batch, void, void> {
  await assertSameLog(jsm, from, incarnation());
  for (let last = from.after; !signal.aborted;) {
    try {
      for await (const batch of consumed(nc, { ...from, after: last }, signal)) {
        if (from.dense) assertDense(batch, last);
        last = batch.messages.at(-1)?.seq ?? last;
        yield batch;
      }
      if (!signal.aborted) await assertSameLog(jsm, { ...from, after: last }, incarnation()); // It may come back with another disk.
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      await pause(ASK_AGAIN_MS, signal);
    }
  }
}

/** What one consumer brings; ends when it is not to be relied upon any more. */
async function* consumed(nc: NatsConnection, from: From, signal: AbortSignal): AsyncGenerator<Batch, void, void> {
  const consumer = await jetstream(nc).consumers.get(from.stream, {
    // Who knows a consumer's name can change it. The client would count names up, from where it counts the batch ids that messages show.
    name_prefix: randomBytes(NAME_BYTES).toString('hex'),
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from.after + 1,
    ...(from.subjects === undefined ? {} : { filter_subjects: [...from.subjects] }),
  });
  const messages = await consumer.consume({ max_messages: MAX_MESSAGES, idle_heartbeat: SILENT_MS });
  const intake = new Intake();
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop);
  const giveUp = (): void => intake.end();
  const watches = [watch(nc.status(), 'reconnect', giveUp), watch(messages.status(), 'heartbeats_missed', giveUp)];
  const pump = (async () => {
    for await (const message of messages) await intake.add(message);
  })().then(
    () => intake.end(),
    (error: unknown) => intake.end(asError(error)),
  );
  try {
    for (;;) {
      if (signal.aborted) return;
      const batch = await intake.take();
      if (batch === undefined) return;
      yield batch;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    for (const each of watches) each.stop();
    intake.end();
    stop();
    await pump;
  }
}

/** Throws `LogRewound`. */
export async function assertSameLog(jsm: JetStreamManager, { stream, after, incarnation }: From, is: string): Promise<void> {
  if (is !== incarnation) throw new LogRewound(`the log is another one: ${is}, and what was read is of ${incarnation}`);
  const { state } = await jsm.streams.info(stream);
  if (state.last_seq < after) throw new LogRewound(`${stream} ends at ${state.last_seq}, and was read up to ${after}`);
}

function assertDense({ messages }: Batch, last: number): void {
  let expected = last;
  for (const { seq } of messages) if (seq !== ++expected) throw new LogGap(expected, seq);
}

/** `then` at each status of that type. Declared as less than they are: without stop() they would outlive the reader. */
function watch<S extends { type: string }>(statuses: AsyncIterable<S>, type: S['type'], then: () => void): { stop(): void } {
  void (async () => {
    for await (const status of statuses) if (status.type === type) then();
  })();
  return statuses as QueuedIterator<S>;
}

/** Between the consumer, which hands over one message at a time, and the reader, who takes what there is. */
class Intake {
  private messages: JsMsg[] = [];
  private bytes = 0;
  private over = false;
  private error: Error | undefined;
  private idle: NodeJS.Timeout | undefined;
  private taken = Promise.withResolvers<void>();
  private ready = Promise.withResolvers<void>();

  /** Resolves when there is room for more. */
  async add(message: JsMsg): Promise<void> {
    this.messages.push(message);
    this.bytes += message.data.length;
    clearTimeout(this.idle);
    const full = this.messages.length >= MAX_MESSAGES || this.bytes >= MAX_BYTES;
    if (full || message.info.pending === 0) this.ready.resolve();
    else this.idle = setTimeout(() => this.ready.resolve(), IDLE_MS);
    if (full && !this.over) await this.taken.promise;
  }

  /** Nothing more will come: because the reader stopped, or for the reason given, which `take` then throws. */
  end(error?: Error): void {
    clearTimeout(this.idle);
    if (!this.over) this.error = error;
    this.over = true;
    this.ready.resolve();
    this.taken.resolve();
  }

  async take(): Promise<Batch | undefined> {
    await this.ready.promise;
    if (this.error !== undefined) throw this.error;
    const { messages } = this;
    if (messages.length === 0) return undefined; // Only an end makes it ready with nothing in it.
    this.messages = [];
    this.bytes = 0;
    if (!this.over) this.ready = Promise.withResolvers<void>();
    this.taken.resolve();
    if (!this.over) this.taken = Promise.withResolvers<void>();
    const last = messages.at(-1)?.info;
    const storedAtMs = Number(last?.timestampNanos ?? 0n) / 1e6;
    return { messages: messages.map(delivered), pending: last?.pending ?? 0, storedAtMs };
  }
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
