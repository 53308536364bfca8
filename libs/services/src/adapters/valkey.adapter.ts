import { randomUUID } from 'node:crypto';
import { Redis } from 'iovalkey';
import type { Probe } from '../runtime/probe.js';
import { type Failed, type Measured, type ProbeResult, answered, failed } from '../runtime/probe-result.js';
import { networkFailure, shown } from './network-failure.js';

const KEY_TTL_MS = 5_000;

/** A Valkey that nobody named, on a machine that has none: what works without it goes on, and this says what is missing. */
export class MissingValkeyProbe implements Probe {
  constructor(private readonly missing: string) {}

  async look(): Promise<ProbeResult> {
    return answered(null, { findings: [{ colour: 'amber', reason: 'dependency_down', detail: this.missing }] });
  }

  async close(): Promise<void> {}
}

/**
 * Valkey, or a Redis: PING, a value written and read back, and how full its memory is. A connection for each look: whether it
 * takes new ones is part of the question, and none is left to reconnect by itself.
 */
export class ValkeyProbe implements Probe {
  private readonly target: string;

  constructor(private readonly url: string) {
    this.target = shown(url);
  }

  async look(signal: AbortSignal): Promise<ProbeResult> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null, connectionName: 'clawbutler-probe' });
    let broken: unknown;
    client.on('error', (error) => (broken = error)); // What connect() rejects with says less.
    const giveUp = (): void => client.disconnect();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await client.connect();
      return await probeResultOf(client);
    } catch (error) {
      return failureOf(broken ?? error, this.target);
    } finally {
      signal.removeEventListener('abort', giveUp);
      client.disconnect();
    }
  }

  async close(): Promise<void> {}
}

async function probeResultOf(client: Redis): Promise<ProbeResult> {
  const [key, value] = [`clawbutler:probe:${randomUUID()}`, randomUUID()];
  const begun = performance.now();
  await client.ping();
  await client.set(key, value, 'PX', KEY_TTL_MS);
  const back = await client.get(key);
  const latencyMs = performance.now() - begun;
  if (back !== value) return failed('error_rate', 'A value was written and could not be read back.');
  const info = await client.info('server', 'memory');
  return answered(latencyMs, { measured: memoryOf(info), version: field(info, 'valkey_version') ?? field(info, 'redis_version') ?? null });
}

function failureOf(error: unknown, target: string): Failed {
  const words = (error as { message?: unknown }).message;
  const message = typeof words === 'string' ? words : 'no reason given';
  const network = networkFailure(error, target);
  if (network !== undefined) return network;
  if (/NOAUTH|WRONGPASS|NOPERM|invalid password/i.test(message)) return failed('auth_rejected', `${target} rejects the credentials.`);
  if (/^LOADING/.test(message)) return failed('starting', `${target} is loading its data.`);
  if (/^OOM/.test(message)) return failed('queue_backlog', `${target} has no memory left to write.`);
  return failed('error_rate', `${target} failed: ${message}.`);
}

const field = (info: string, name: string): string | undefined => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];

/** Nothing where there is no limit. */
function memoryOf(info: string): Measured[] {
  const [used, limit] = [Number(field(info, 'used_memory')), Number(field(info, 'maxmemory'))];
  return limit > 0 ? [{ gauge: 'memory', value: used / limit }] : [];
}
