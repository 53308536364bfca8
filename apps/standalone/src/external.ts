import { setTimeout as pause } from 'node:timers/promises';
import { AuthorizationError, connect } from '@nats-io/transport-node';
import pg from 'pg';
import { ConfigInvalid } from '@app/config';
import { natsAccessOf } from '@app/runtime';

const ATTEMPT_MS = 5_000;
const PAUSE_MS = 500;
/** A server that is started beside this one is there by then; who waits for longer is told. */
const WAIT_MS = 60_000;

/** A server that a variable names cannot be used. */
export class ServerUnusable extends Error {
  readonly next: string;

  constructor(
    readonly code: 'standalone.database-unusable' | 'standalone.nats-unusable',
    where: string,
    variable: string,
    cause: unknown,
  ) {
    super(`${where} (${variable}) cannot be used: ${wordsOf(cause)}.`, { cause });
    this.next = `See that it runs and lets that user in, or correct ${variable}; without ${variable} the start brings a server of its own.`;
  }
}

/** Asked before anything else is started. Throws `ServerUnusable`, and `ConfigInvalid` for what is no URL. */
export async function assertDatabase(databaseUrl: string): Promise<void> {
  if (!URL.canParse(databaseUrl)) throw new ConfigInvalid('DATABASE_URL must be like postgres://user:password@host:5432/database');
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: ATTEMPT_MS });
  client.on('error', () => undefined); // It is told by the promise.
  try {
    await client.connect();
  } catch (error) {
    const { protocol, host, pathname } = new URL(databaseUrl);
    throw new ServerUnusable('standalone.database-unusable', `PostgreSQL at ${protocol}//${host}${pathname}`, 'DATABASE_URL', error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Waits `waitMs` for NATS, and says so when it has to. Throws `ServerUnusable`; at once where NATS does not let this user in. */
export async function waitForNats(
  natsUrl: string,
  say: (words: string) => void,
  signal: AbortSignal,
  waitMs: number = WAIT_MS,
): Promise<void> {
  const access = natsAccessOf(natsUrl);
  const where = `NATS at ${access.servers.join(',')}`;
  const over = AbortSignal.timeout(waitMs);
  for (let attempt = 1; ; attempt++) {
    try {
      return await (await connect({ ...access, name: 'clawbutler start', timeout: ATTEMPT_MS, reconnect: false })).close();
    } catch (error) {
      signal.throwIfAborted();
      if (over.aborted || error instanceof AuthorizationError)
        throw new ServerUnusable('standalone.nats-unusable', where, 'NATS_URL', error);
      if (attempt === 1) say(`${where} (NATS_URL) does not answer: waiting for it, ${waitMs / 1000} s at most ...`);
    }
    await pause(PAUSE_MS, undefined, { signal: AbortSignal.any([over, signal]) }).catch(() => undefined);
  }
}

/** Of a host with several addresses each has its own error, and what holds them has no words. */
function wordsOf(error: unknown): string {
  const { message, errors } = error as AggregateError;
  return (message || (errors ?? []).map(wordsOf).join(', ')).replace(/\.$/, '');
}
