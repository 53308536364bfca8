import { databaseState, wasDatabaseFull } from '@app/read-store';
import type pg from 'pg';
import type { Reason } from '../events/reason.js';
import type { Probe } from '../runtime/probe.js';
import { type Failed, type Finding, type ProbeResult, answered, failed } from '../runtime/probe-result.js';
import { networkFailure } from './network-failure.js';

/** Reading is looked at each time, writing once a minute: it costs a sync of the disk. */
const WRITE_EVERY_MS = 60_000;

const WRITE = `
  INSERT INTO private.service_probe (prober, written_at) VALUES ($1, $2)
  ON CONFLICT (prober) DO UPDATE SET written_at = excluded.written_at`;

/** PostgreSQL through a pool of this process: the wait for a connection is part of what is timed. The pool is not closed here. */
export class PostgresqlProbe implements Probe {
  private lastWriteMs = -Infinity;

  /** `prober` names this process among those that probe the same database. */
  constructor(
    private readonly pool: pg.Pool,
    private readonly prober: string,
    private readonly target: string,
  ) {}

  async look(signal: AbortSignal): Promise<ProbeResult> {
    const begun = performance.now();
    try {
      return await this.with(signal, async (client) => {
        await client.query('SELECT 1');
        const latencyMs = performance.now() - begun;
        const state = await databaseState(client);
        await this.write(client, begun);
        const connections = Math.max(state.connections / state.maxConnections, this.poolShare());
        const findings = wasDatabaseFull() ? [FULL] : [];
        return answered(latencyMs, {
          findings,
          measured: [{ gauge: 'connections', value: connections }],
          version: state.version,
        });
      });
    } catch (error) {
      return failureOf(error, this.target);
    }
  }

  async close(): Promise<void> {}

  private async write(client: pg.PoolClient, nowMs: number): Promise<void> {
    if (nowMs - this.lastWriteMs < WRITE_EVERY_MS) return;
    await client.query(WRITE, [this.prober, new Date().toISOString()]);
    this.lastWriteMs = nowMs;
  }

  /** A connection that is thrown away, not put back, when something went wrong or it took too long. */
  private async with<T>(signal: AbortSignal, use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let isOut = true;
    const release = (broken: boolean): void => {
      if (isOut) client.release(broken);
      isOut = false;
    };
    const giveUp = (): void => release(true);
    client.on('error', giveUp); // The server went while the connection was out of the pool, where nobody else listens.
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const result = await use(client);
      release(false);
      return result;
    } catch (error) {
      release(true);
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
      client.off('error', giveUp);
    }
  }

  /** Of this process' own connections; one of them is the probe's. */
  private poolShare(): number {
    const { totalCount, idleCount, waitingCount, options } = this.pool;
    return waitingCount > 0 ? 1 : Math.max(0, totalCount - idleCount - 1) / options.max;
  }
}

const FULL: Finding = {
  colour: 'red',
  reason: 'queue_backlog',
  detail: 'The disk of PostgreSQL is full: it answers what is there, and takes nothing new. Free space; it goes on by itself.',
};

/** SQLSTATE, or the class of it. */
const BY_STATE: Readonly<Record<string, Reason>> = {
  '28': 'auth_rejected',
  '53': 'queue_backlog',
  '57P01': 'draining',
  '57P02': 'draining',
  '57P03': 'starting',
};
const TIMEOUT = /timeout|timed out/i;

function failureOf(error: unknown, target: string): Failed {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const words = typeof message === 'string' ? message : 'no reason given';
  const state = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
  const reason = BY_STATE[state] ?? BY_STATE[state.slice(0, 2)];
  if (reason !== undefined) return failed(reason, `${target} refuses: ${words} (${state}).`);
  const network = networkFailure(error, target);
  if (network !== undefined) return network;
  return TIMEOUT.test(words)
    ? failed('heartbeat_timeout', `${target} did not answer in time.`)
    : failed('error_rate', `${target} failed: ${words}.`);
}
