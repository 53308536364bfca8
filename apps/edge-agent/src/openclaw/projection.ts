import { LIMITS } from '../../../../libs/edge/src/tunnel.protocol.js';
import type { DayCost } from '../outbox.js';
import { boundedMs, plainWord } from './http-look.js';

/**
 * All that is ever read out of what a gateway says over its WebSocket, and so all that can leave this machine: numbers, a version and a
 * few yes-or-noes. No prompt, title, path, key or message is among it, whatever the gateway adds one day.
 */

/** The methods an agent may ask a gateway for. There is no other way to ask. */
export const METHODS = ['health', 'sessions.list', 'usage.cost'] as const;
export type Method = (typeof METHODS)[number];

export interface HelloFacts {
  version: string | null;
  uptimeMs: number | null;
  tickMs: number;
  /** What may be asked: the gateway knows it, and the scopes that it gave allow it. */
  may: ReadonlySet<Method>;
}
export interface HealthFacts {
  sessions: number | null;
  pluginErrors: number;
  isLoopDegraded: boolean;
  isModelDegraded: boolean;
}

const TICK_MS = 30_000;
const MAX_TICK_MS = 300_000;
const READ_SCOPE = 'operator.read';

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const count = (value: unknown): number | null => (Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null);

export function helloFacts(payload: unknown): HelloFacts {
  const { server, features, snapshot, auth, policy } = fields(payload);
  const known = list(fields(features)['methods']);
  const mayRead = list(fields(auth)['scopes']).includes(READ_SCOPE);
  const tick = boundedMs(fields(policy)['tickIntervalMs']) ?? 0;
  return {
    version: plainWord(fields(server)['version']),
    uptimeMs: boundedMs(fields(snapshot)['uptimeMs']),
    tickMs: tick >= 1000 && tick <= MAX_TICK_MS ? tick : TICK_MS,
    may: new Set(METHODS.filter((method) => known.includes(method) && (method === 'health' || mayRead))),
  };
}

/** `ok` is not looked at: it is always true. */
export function healthFacts(payload: unknown): HealthFacts {
  const { sessions, plugins, eventLoop, modelRuntime } = fields(payload);
  return {
    sessions: count(fields(sessions)['count']),
    pluginErrors: list(fields(plugins)['errors']).length,
    isLoopDegraded: fields(eventLoop)['degraded'] === true,
    isModelDegraded: fields(modelRuntime)['degraded'] === true,
  };
}

export const sessionCount = (payload: unknown): number | null => count(fields(payload)['totalCount']);

/** What a day cost; null: the gateway still counts, and what it has is not the sum. */
export function dayCost(payload: unknown): DayCost | null {
  const { totals, cacheStatus } = fields(payload);
  const { totalCost, totalTokens, missingCostEntries } = fields(totals);
  const [tokens, missing] = [count(totalTokens), count(missingCostEntries)];
  if (fields(cacheStatus)['status'] !== 'fresh' || tokens === null || missing === null) return null;
  return typeof totalCost === 'number' && totalCost >= 0 && totalCost <= LIMITS.usd ? { usd: totalCost, tokens, missing } : null;
}
