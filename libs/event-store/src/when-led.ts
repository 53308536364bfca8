import { JetStreamApiError } from '@nats-io/jetstream';
import { jserrors } from '@nats-io/jetstream/internal';
import type { NatsConnection } from '@nats-io/transport-node';
import { isUnavailable } from './unavailable.js';
import { pause } from './pause.js';

export type Say = (words: string) => void;

const RETRY_MS = 500;
/** A server that is away for less than this is not worth a word, ms. */
const QUIET_MS = 2_000;
/** Too few servers of the cluster are up to hold the replicas of a stream. */
const NO_SUITABLE_PEERS = 10005;
/** A stream that was not listed is there after all: an add without an answer was carried out when the majority came back. */
const STREAM_EXISTS = 10058;
const TRANSIENT = new Set([NO_SUITABLE_PEERS, STREAM_EXISTS]);

/**
 * Asks again until the cluster has a leader that answers, and says once that it waits. An election takes seconds; a cluster that is
 * started server by server has no leader until a majority runs. Throws every other no, and silence once the connection is closed.
 */
export async function whenLed<T>(nc: NatsConnection, ask: () => Promise<T>, say: Say): Promise<T> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await ask();
    } catch (error) {
      if (nc.isClosed() || !isTransient(error)) throw error;
      if (isFirst) say(`NATS has no leader that answers: waiting for a majority of its servers (${(error as Error).message}) ...`);
      await pause(RETRY_MS);
    }
  }
}

const isTransient = (error: unknown): boolean =>
  error instanceof JetStreamApiError && TRANSIENT.has(error.code)
    ? true
    : isUnavailable(error) && !(error instanceof jserrors.JetStreamNotEnabled);

/** `work`, and a word when it is not done after QUIET_MS. */
export async function aloud<T>(work: Promise<T>, words: string, say: Say): Promise<T> {
  const timer = setTimeout(() => say(words), QUIET_MS);
  return work.finally(() => clearTimeout(timer));
}
