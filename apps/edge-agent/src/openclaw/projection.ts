import { type ChannelReport, LIMITS, type ModelCost } from '../../../../libs/edge/src/tunnel.protocol.js';
import { byAgent, byModel } from '../by-model.js';
import type { DayCost } from '../retry-queue.js';
import { boundedMs, plainWord } from './http-look.js';

/**
 * All that is ever read out of what a gateway says over its WebSocket, and so all that can leave this machine: numbers, a version, names of
 * channels, models and agents, and a few yes-or-noes. No prompt, title, path, key or message is among it, whatever the gateway adds one day.
 */

/** The methods an agent may ask a gateway for. There is no other way to ask. */
export const METHODS = ['health', 'usage.cost', 'sessions.usage'] as const;
export type Method = (typeof METHODS)[number];
/** A gateway answers this one without naming it in `features.methods`, wherever it names `usage.cost`. */
const UNNAMED: Partial<Record<Method, Method>> = { 'sessions.usage': 'usage.cost' };

export interface HelloFacts {
  version: string | null;
  /** Of the process: another one after each start. */
  bootId: string | null;
  uptimeMs: number | null;
  tickMs: number;
  /** Whether the gateway granted the scope that was asked for. */
  mayRead: boolean;
  /** What may be asked: the gateway knows it, and the scopes that it granted allow it. */
  may: ReadonlySet<Method>;
}
export interface ChannelFacts {
  name: string;
  connected: boolean | null;
  lifecycle: string | null;
  /** Class of what it last failed of, while it is not connected. */
  error: ChannelReport['error'];
  /** How long it has not been connected by the gateway's own times; 0: these do not say. */
  downMs: number;
}
export interface HealthFacts {
  sessions: number | null;
  channels: ChannelFacts[];
  pluginErrors: number;
  pluginsUnavailable: number;
  isLoopDegraded: boolean;
  isModelDegraded: boolean;
  /** It no longer watches its configuration: what is changed there takes effect at its next start. */
  isReloadOff: boolean;
}

const TICK_MS = 30_000;
const MAX_TICK_MS = 300_000;
/** The only scope that is ever asked for. */
export const READ_SCOPE = 'operator.read';

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
    bootId: plainWord(fields(server)['bootId']),
    uptimeMs: boundedMs(fields(snapshot)['uptimeMs']),
    tickMs: tick >= 1000 && tick <= MAX_TICK_MS ? tick : TICK_MS,
    mayRead,
    may: new Set(METHODS.filter((method) => known.includes(UNNAMED[method] ?? method) && (method === 'health' || mayRead))),
  };
}

/** `ok` is not looked at: it is always true. */
export function healthFacts(payload: unknown): HealthFacts {
  const { ts, agents, sessions, channels, plugins, configReload, eventLoop, modelRuntime } = fields(payload);
  return {
    sessions: sessionsOf(agents) ?? count(fields(sessions)['count']),
    channels: channelsOf(channels, ts),
    pluginErrors: list(fields(plugins)['errors']).length,
    pluginsUnavailable: list(fields(plugins)['unavailable']).length,
    isLoopDegraded: fields(eventLoop)['degraded'] === true,
    isModelDegraded: fields(modelRuntime)['degraded'] === true,
    isReloadOff: fields(configReload)['hotReloadStatus'] === 'disabled',
  };
}

/** Of all agents: `sessions.count` beside them is that of one. null: it does not say of any. */
function sessionsOf(agents: unknown): number | null {
  const counts = list(agents)
    .map((agent) => count(fields(fields(agent)['sessions'])['count']))
    .filter((one) => one !== null);
  return counts.length === 0 ? null : counts.reduce((all, one) => all + one, 0);
}

/** Channels that are set up and wanted. A name that is not a plain word is left out: nothing else may leave the machine. */
function channelsOf(channels: unknown, ts: unknown): ChannelFacts[] {
  return Object.entries(fields(channels))
    .map(([name, channel]) => (plainWord(name) === null ? null : channelFacts(name, fields(channel), ts)))
    .filter((channel) => channel !== null)
    .slice(0, LIMITS.channels);
}

/** Down is a channel of which one account is. The account that is down longest tells the rest. */
function channelFacts(name: string, channel: Fields, ts: unknown): ChannelFacts | null {
  const said = Object.values(fields(channel['accounts'])).map(fields);
  const wanted = (said.length === 0 ? [channel] : said).filter((one) => one['configured'] === true && one['enabled'] !== false);
  const [first] = wanted
    .map((account) => ({ account, downMs: account['connected'] === false ? downMs(account, ts) : -1 }))
    .toSorted((a, b) => b.downMs - a.downMs);
  if (first === undefined) return null;
  const { connected, lifecycle, lastError } = first.account;
  return {
    name,
    connected: typeof connected === 'boolean' ? connected : null,
    lifecycle: plainWord(lifecycle),
    error: connected === false && typeof lastError === 'string' && lastError !== '' ? errorClass(lastError) : null,
    downMs: Math.max(0, first.downMs),
  };
}

/** Since it was started without ever being connected. All times are the gateway's. */
function downMs({ lastStartAt, lastConnectedAt }: Fields, ts: unknown): number {
  const [started, connected, now] = [boundedAt(lastStartAt), boundedAt(lastConnectedAt), boundedAt(ts)];
  return started === null || now === null || (connected !== null && connected >= started) ? 0 : Math.max(0, now - started);
}
const boundedAt = (value: unknown): number | null => (typeof value === 'number' && value > 0 && value < 1e15 ? value : null);

const ERRORS: readonly [ChannelReport['error'], RegExp][] = [
  ['rate_limited', /rate.?limit|too many|\b429\b|flood/i],
  ['auth', /unauthori[sz]ed|forbidden|\b40[13]\b|auth|credential|token|logged ?out|login/i],
  ['timeout', /timed? ?out|timeout|deadline/i],
  ['network', /ECONN|ENOTFOUND|EAI_|EHOST|ENET|EPIPE|network|socket|dns|connect|fetch failed/i],
];
const errorClass = (text: string): ChannelReport['error'] => ERRORS.find(([, words]) => words.test(text))?.[0] ?? 'other';

/**
 * The cost of a day, from `sessions.usage` (which also says by which model and agent, and is exact at once) or of `usage.cost`; null: the gateway still
 * counts, and what it has is not the sum. Where there was no session at all the first says nothing of how fresh it is: there is nothing
 * to count.
 */
export function dayCost(payload: unknown): DayCost | null {
  const { totals, aggregates, cacheStatus } = fields(payload);
  const isFresh = fields(cacheStatus)['status'] === 'fresh' || (cacheStatus === undefined && fields(aggregates)['sessionCount'] === 0);
  const total = costOf(totals);
  const missing = count(fields(totals)['missingCostEntries']);
  return isFresh && total !== null && missing !== null
    ? { ...total, missing, models: modelsOf(aggregates), agents: agentsOf(aggregates) }
    : null;
}

function costOf(totals: unknown): { usd: number; tokens: number } | null {
  const { totalCost, totalTokens } = fields(totals);
  const tokens = count(totalTokens);
  return tokens !== null && typeof totalCost === 'number' && totalCost >= 0 && totalCost <= LIMITS.usd ? { usd: totalCost, tokens } : null;
}

/** `provider/model`; a name that may be a path on the gateway's machine stays there. */
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,47}(\/[A-Za-z0-9][A-Za-z0-9._:@+-]{0,47}){0,3}$/;
const FILE = /\.(gguf|ggml|bin|safetensors|onnx|pt)$/i;
function modelsOf(aggregates: unknown): ModelCost[] {
  const costs = list(fields(aggregates)['byModel'])
    .map((one) => {
      const { provider, model, totals } = fields(one);
      const name = [provider, model].filter((part) => typeof part === 'string' && part !== '').join('/');
      const cost = costOf(totals);
      const isPlain = name.length <= 128 && MODEL.test(name) && !FILE.test(name);
      return cost === null ? null : { model: isPlain ? name : 'other', ...cost };
    })
    .filter((one) => one !== null);
  return byModel(costs);
}

/** A name that is not a plain word stays on the gateway's machine. */
function agentsOf(aggregates: unknown): DayCost['agents'] {
  const costs = list(fields(aggregates)['byAgent'])
    .map((one) => {
      const { agentId, totals } = fields(one);
      const cost = costOf(totals);
      return cost === null ? null : { gateway: null, agent: plainWord(agentId) ?? 'other', ...cost };
    })
    .filter((one) => one !== null);
  return byAgent(costs).map(({ gateway: _gateway, ...use }) => use);
}
