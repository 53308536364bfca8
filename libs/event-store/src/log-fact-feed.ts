import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Catalogue, RawMessage, Recorded } from './envelope.js';
import { FactFeed } from './fact-feed.js';
import { HistoryRewound, follow } from './follow.js';
import { LogRefused } from './errors.js';
import type { LogGate } from './log-gate.js';
import { spoken } from './silence.js';
import { FACTS } from './streams.js';

const FIRST_BACKOFF_MS = 250;
const LAST_BACKOFF_MS = 5_000;

/** A fact could not be taken in, or is a newer process's. To go on with the next would be to pretend it never was. */
class NotHeard extends Error {
  constructor(seq: number, options: { readonly cause: unknown }) {
    super(`the fact at ${seq} could not be heard: ${String(options.cause)}`, options);
  }
}

/** Follows FACTS for some subjects; begins again after what it last heard whenever the log falls silent. */
export class LogFactFeed extends FactFeed {
  constructor(
    private readonly nc: NatsConnection,
    private readonly jsm: JetStreamManager,
    private readonly catalogue: Catalogue,
    private readonly gate: LogGate,
  ) {
    super();
  }

  async watch(kinds: readonly string[], hear: (fact: Recorded) => void, signal: AbortSignal, lost: (error: Error) => void): Promise<void> {
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
    const heard = (message: RawMessage): void => {
      hear(this.catalogue.read(message));
      if (message.seq >= last) caughtUp.resolve();
    };
    this.keepFollowing(subjects, heard, signal).catch((error: Error) => {
      caughtUp.reject(error);
      lost(error);
    });
    return caughtUp.promise;
  }

  /** Where the newest fact is; 0: there is none. */
  private async lastOf(subjects: readonly string[]): Promise<number> {
    const ends = subjects.map((last_by_subj) => spoken(() => this.jsm.streams.getMessage(FACTS, { last_by_subj })));
    return Math.max(0, ...(await Promise.all(ends)).map((message) => message?.seq ?? 0));
  }

  private async keepFollowing(subjects: readonly string[], heard: (message: RawMessage) => void, signal: AbortSignal): Promise<void> {
    let after = 0;
    const heardOnce = (message: RawMessage): void => {
      try {
        heard(message);
      } catch (error) {
        throw new NotHeard(message.seq, { cause: error });
      }
    };
    const closed = new AbortController();
    const endWhenClosed = (): void => void (this.gate.troubles().some(({ stream }) => stream === FACTS) && closed.abort());
    const stopListening = this.gate.onChange(endWhenClosed);
    endWhenClosed();
    signal.addEventListener('abort', stopListening);
    const ended = AbortSignal.any([signal, closed.signal]);
    for (let waitMs = FIRST_BACKOFF_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LAST_BACKOFF_MS)) {
      try {
        await this.gate.pass(FACTS);
        const incarnation = this.gate.incarnationOf(FACTS);
        const from = { stream: FACTS, after, incarnation, dense: false, subjects };
        for await (const { messages } of follow(this.nc, this.jsm, from, ended, () => this.gate.incarnationOf(FACTS))) {
          await this.gate.pass(FACTS);
          for (const message of messages) {
            if (signal.aborted) return;
            heardOnce(message);
            after = message.seq;
          }
          waitMs = FIRST_BACKOFF_MS;
        }
      } catch (error) {
        if (error instanceof HistoryRewound || error instanceof LogRefused || error instanceof NotHeard) throw error;
        await pause(waitMs * (0.5 + Math.random() / 2), signal);
      }
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
