import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Backoff } from '@app/kernel';
import type { Decoder } from './decoder.js';
import { ReadableAggregates, type Told } from './readable-aggregates.js';
import type { RawMessage } from './envelope.js';
import { EventSubscription, type FactReader } from './event-subscription.js';
import { LogRewound, consume } from './consume.js';
import { LogRefused } from './errors.js';
import type { AggregateReader } from './aggregate-reader.js';
import type { LogGate } from './log-gate.js';
import { pause } from './pause.js';
import { withUnavailable } from './unavailable.js';
import { FACTS } from './streams.js';
import type { Voids } from './voids.js';

const BACKOFF = { firstMs: 250, longestMs: 5_000 };

/** Follows FACTS for some subjects; begins again after what it last heard whenever the log falls silent. */
export class LogEventSubscription extends EventSubscription {
  constructor(
    private readonly nc: NatsConnection,
    private readonly jsm: JetStreamManager,
    private readonly decoder: Decoder,
    private readonly aggregates: AggregateReader,
    private readonly voids: Voids,
    private readonly gate: LogGate,
  ) {
    super();
  }

  async watch(kinds: readonly string[], reader: FactReader, signal: AbortSignal, lost: (error: Error) => void): Promise<void> {
    const subjects = kinds.map((kind) => `facts.${kind}.*`);
    try {
      await this.gate.pass(FACTS);
    } catch (error) {
      if (error instanceof LogRefused) lost(error);
      throw error;
    }
    const last = await this.lastOf(subjects);
    const caughtUp = Promise.withResolvers<void>();
    if (last === 0) caughtUp.resolve();
    if (signal.aborted) return;
    signal.addEventListener('abort', () => caughtUp.resolve());
    const consuming = new AggregateConsumer(new ReadableAggregates(reader), this.decoder, this.aggregates, signal);
    const stop = this.voids.onVoid(({ subject }) => void consuming.reread(subject));
    signal.addEventListener('abort', stop);
    const heard = (message: RawMessage): void => {
      consuming.hear(message);
      if (message.seq >= last) caughtUp.resolve();
    };
    this.keepConsuming(subjects, consuming, heard, signal).catch((error: Error) => {
      stop();
      caughtUp.reject(error);
      lost(error);
    });
    return caughtUp.promise;
  }

  /** Where the newest fact is; 0: there is none. */
  private async lastOf(subjects: readonly string[]): Promise<number> {
    const ends = subjects.map((last_by_subj) => withUnavailable(() => this.jsm.streams.getMessage(FACTS, { last_by_subj })));
    return Math.max(0, ...(await Promise.all(ends)).map((message) => message?.seq ?? 0));
  }

  private async keepConsuming(
    subjects: readonly string[],
    consuming: AggregateConsumer,
    heard: (message: RawMessage) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const closed = new AbortController();
    const endWhenClosed = (): void => void (this.gate.troubles().some(({ stream }) => stream === FACTS) && closed.abort());
    const stopListening = this.gate.onChange(endWhenClosed);
    endWhenClosed();
    signal.addEventListener('abort', stopListening);
    const ended = AbortSignal.any([signal, closed.signal]);
    const incarnation = (): string => this.gate.incarnationOf(FACTS);
    const backoff = new Backoff(BACKOFF);
    while (!signal.aborted) {
      try {
        await this.gate.pass(FACTS);
        const from = { stream: FACTS, after: consuming.after, incarnation: incarnation(), dense: false, subjects };
        for await (const { messages } of consume(this.nc, this.jsm, from, ended, incarnation)) {
          await this.gate.pass(FACTS);
          await consuming.exclusively(async () => {
            for (const message of messages) {
              if (signal.aborted) return;
              heard(message);
            }
          });
          backoff.reset();
        }
      } catch (error) {
        if (error instanceof LogRewound || error instanceof LogRefused) throw error;
        await pause(backoff.next(Math.random()), signal);
      }
    }
  }
}

/** How far one reader is, and the one thing it does at a time: it takes the next batch, or reads one aggregate again. */
class AggregateConsumer {
  /** The position of the last message that the reader was told. */
  after = 0;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly readable: ReadableAggregates,
    private readonly decoder: Decoder,
    private readonly aggregates: AggregateReader,
    private readonly signal: AbortSignal,
  ) {}

  hear(message: RawMessage): void {
    this.readable.tell({ subject: message.subject, position: message.seq, decoded: this.decoder.decode(message) });
    this.after = message.seq;
  }

  exclusively(work: () => Promise<void>): Promise<void> {
    const turn = this.turn.then(work);
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  /** Reads a blocked aggregate again, as far as this reader is; tries until the log answers. */
  async reread(subject: string): Promise<void> {
    const backoff = new Backoff(BACKOFF);
    while (!this.signal.aborted) {
      try {
        return await this.exclusively(async () => {
          if (!this.readable.has(subject)) return;
          const entries = await this.aggregates.of(subject);
          entries.push(...(await this.aggregates.atLeader(subject, entries.at(-1)?.position ?? 0)));
          this.readable.clear(subject);
          for (const { position, decoded } of entries)
            if (position <= this.after) this.readable.tell({ subject, position, decoded } satisfies Told);
        });
      } catch {
        await pause(backoff.next(), this.signal);
      }
    }
  }
}
