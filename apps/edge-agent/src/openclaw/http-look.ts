import type { GATEWAY_REASONS } from '../../../../libs/edge/src/tunnel.protocol.js';

export type GatewayReason = (typeof GATEWAY_REASONS)[number];

/** What a gateway says over HTTP to who has no credential. Words of it that may go further are short plain ones. */
export type HttpLook =
  | { kind: 'unreachable'; reason: GatewayReason; why: string }
  | { kind: 'not_openclaw'; status: number }
  | { kind: 'locked' }
  | { kind: 'rate_limited'; retryAfterMs: number }
  | {
      kind: 'open';
      latencyMs: number;
      startup: 'started' | 'starting' | 'draining' | 'hidden' | 'unsaid';
      /** What it waits for while it starts. */
      pending: string | null;
      ready: boolean | null;
      failing: string[];
      version: string | null;
      uptimeMs: number | null;
      isLoopDegraded: boolean;
    };

interface Answer {
  status: number;
  retryAfter: string | null;
  json: unknown;
}

const MAX_BODY_BYTES = 65_536;
const MAX_MS = 1e12;

/**
 * Alive is what answers `/healthz` with the two fields of an OpenClaw, whatever stands beside them: other paths, and other servers, answer
 * 200 with a page. Whether it is ready stands in `/startupz` and `/readyz`. No bearer is sent: a wrong one makes the answers poorer, not
 * different. `nowMs`: milliseconds since 1970.
 */
export async function lookOverHttp(url: string, signal: AbortSignal, nowMs: number): Promise<HttpLook> {
  const begun = performance.now();
  try {
    const alive = await get(`${url}/healthz`, signal);
    const latencyMs = Math.round((performance.now() - begun) * 1000) / 1000;
    if (alive.status === 429) return { kind: 'rate_limited', retryAfterMs: retryAfterMs(alive, nowMs) };
    if (alive.status === 401 || alive.status === 403) return { kind: 'locked' };
    if (alive.status >= 500) return { kind: 'unreachable', reason: 'error_rate', why: `answered ${alive.status}` };
    const isLive = alive.status === 200 && field(alive.json, 'ok') === true && field(alive.json, 'status') === 'live';
    if (!isLive) return { kind: 'not_openclaw', status: alive.status };
    const [startup, ready] = await Promise.all([get(`${url}/startupz`, signal), get(`${url}/readyz`, signal)]);
    const limited = [startup, ready].find(({ status }) => status === 429);
    if (limited !== undefined) return { kind: 'rate_limited', retryAfterMs: retryAfterMs(limited, nowMs) };
    return { kind: 'open', latencyMs, ...startupOf(startup), ...readyOf(ready) };
  } catch (error) {
    return signal.aborted ? { kind: 'unreachable', reason: 'heartbeat_timeout', why: 'did not answer in time' } : failureOf(error);
  }
}

const RETRY_MS = 30_000;
const MAX_RETRY_MS = 3_600_000;

/** Seconds, or an instant; what says neither is asked again as one that is well. */
function retryAfterMs({ retryAfter }: Answer, nowMs: number): number {
  const text = retryAfter?.trim() ?? '';
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? RETRY_MS : Math.min(MAX_RETRY_MS, Math.max(0, ms));
}

const field = (json: unknown, name: string): unknown =>
  typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[name] : undefined;

/** Names of parts and versions look like this; what does not stays here. */
export const plainWord = (value: unknown): string | null =>
  typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._+-]{0,47}$/.test(value) ? value : null;
export const boundedMs = (value: unknown): number | null => (typeof value === 'number' && value >= 0 && value <= MAX_MS ? value : null);

type Open = Extract<HttpLook, { kind: 'open' }>;

function startupOf({ status, json }: Answer): Pick<Open, 'startup' | 'pending' | 'version' | 'uptimeMs'> {
  const fields = {
    pending: plainWord(field(json, 'pendingReason')),
    version: plainWord(field(json, 'version')),
    uptimeMs: boundedMs(field(json, 'uptimeMs')),
  };
  const said = field(json, 'status');
  if (status === 403) return { ...fields, startup: 'hidden' };
  if (status === 503 && (said === 'starting' || said === 'draining')) return { ...fields, startup: said };
  return { ...fields, startup: said === 'started' ? said : 'unsaid' };
}

function readyOf({ json }: Answer): Pick<Open, 'ready' | 'failing' | 'isLoopDegraded'> {
  const ready = field(json, 'ready');
  const failing = field(json, 'failing');
  return {
    ready: typeof ready === 'boolean' ? ready : null,
    failing: Array.isArray(failing)
      ? failing
          .map(plainWord)
          .filter((one) => one !== null)
          .slice(0, 5)
      : [],
    isLoopDegraded: field(field(json, 'eventLoop'), 'degraded') === true,
  };
}

/** GET over a connection of its own, without redirects and credentials, and no more of the body than any answer of a gateway has. */
async function get(url: string, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', signal, headers: { accept: 'application/json', connection: 'close' } });
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const text = await bounded(response, isJson);
  return { status: response.status, retryAfter: response.headers.get('retry-after'), json: text === null ? null : parsed(text) };
}

/** null: it is longer than wanted, or not wanted. */
async function bounded({ body }: Response, isWanted: boolean): Promise<string | null> {
  if (body === null) return null;
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const parts: Uint8Array[] = [];
  for (let bytes = 0; isWanted && bytes <= MAX_BODY_BYTES;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts).toString('utf8');
    bytes += value.length;
    parts.push(value);
  }
  await reader.cancel();
  return null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const REASONS: Readonly<Record<string, [GatewayReason, string]>> = {
  ECONNREFUSED: ['connect_refused', 'refuses connections'],
  EHOSTUNREACH: ['host_unreachable', 'cannot be reached: no way leads to the host'],
  ENETUNREACH: ['network_unreachable', 'cannot be reached: this machine has no route to its network'],
  EADDRNOTAVAIL: ['address_unavailable', 'cannot be reached: this machine has no address or port to connect from'],
  ENOTFOUND: ['dns_failure', 'has a name that does not resolve'],
  EAI_AGAIN: ['dns_failure', 'has a name that cannot be resolved now'],
  ETIMEDOUT: ['heartbeat_timeout', 'did not answer in time'],
  UND_ERR_CONNECT_TIMEOUT: ['heartbeat_timeout', 'did not accept a connection in time'],
};
const TLS = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO)/;

/** The code of what was thrown, of what caused it, or of the first of several. */
function codesOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown[] };
  return [...(typeof code === 'string' ? [code] : []), ...codesOf(cause), ...(Array.isArray(errors) ? codesOf(errors[0]) : [])];
}

function failureOf(error: unknown): HttpLook {
  const codes = codesOf(error);
  const known = codes.map((code) => REASONS[code]).find((one) => one !== undefined);
  if (known !== undefined) return { kind: 'unreachable', reason: known[0], why: known[1] };
  if (codes.some((code) => TLS.test(code)))
    return { kind: 'unreachable', reason: 'tls_failure', why: 'has a certificate that cannot be trusted' };
  return { kind: 'unreachable', reason: 'error_rate', why: 'broke the connection' };
}
