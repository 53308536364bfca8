import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a real gateway answered over HTTP. */
export interface HttpAnswer {
  status: number;
  body: object | string;
  headers?: Record<string, string>;
}
export type GatewayError = { code: string; message?: string; retryAfterMs?: number; details?: Record<string, unknown> };

/** What a real gateway said: `rpc.*` and `hello-ok.payload` are payloads, `event.*` whole frames. */
export const real = JSON.parse(readFileSync(join(import.meta.dirname, 'openclaw-frames.json'), 'utf8')) as {
  http: Record<string, HttpAnswer>;
  errors: Record<string, GatewayError>;
  'close.codes': Record<string, [number, string]>;
  /** Of its A2A channel: bodies over HTTP, the two of `task` in a JSON-RPC answer. */
  a2a: { card: { supportedInterfaces: { url: string }[] }; unauthorized: object; task: { id: string }; 'unknown task': object };
} & Record<string, Record<string, unknown>>;

/** Which of the real answers a gateway in this state gives, by path; `local` callers are told more than others. */
export const STATES = {
  local: { '/readyz': real.http['GET /readyz local or bearer'], '/startupz': real.http['GET /startupz local or bearer'] },
  remote: { '/readyz': real.http['GET /readyz remote anonymous'], '/startupz': real.http['GET /startupz remote anonymous'] },
  starting: { '/readyz': real.http['GET /readyz starting'], '/startupz': real.http['GET /startupz starting'] },
  draining: { '/readyz': real.http['GET /readyz remote anonymous'], '/startupz': real.http['GET /startupz draining (remote)'] },
  'not ready': { '/readyz': real.http['GET /readyz starting'], '/startupz': real.http['GET /startupz remote anonymous'] },
  'behind an untrusted proxy': {
    '/readyz': real.http['GET /readyz untrusted proxy header'],
    '/startupz': real.http['GET /readyz untrusted proxy header'],
  },
  /** Before it had these two paths: to it they are pages. */
  old: {},
} as const satisfies Record<string, Record<string, HttpAnswer | undefined>>;

/**
 * Scopes a method asks for; of methods that do not exist a real gateway says that another scope is missing. `sessions.usage` is not among
 * the methods that hello-ok names, and is answered.
 */
export const METHODS: Readonly<Record<string, { scope: string | null; answer: string }>> = {
  health: { scope: null, answer: 'rpc.health' },
  status: { scope: null, answer: 'rpc.status' },
  'system.info': { scope: 'operator.read', answer: 'rpc.system.info' },
  'sessions.list': { scope: 'operator.read', answer: 'rpc.sessions.list' },
  'sessions.usage': { scope: 'operator.read', answer: 'rpc.sessions.usage' },
  'usage.cost': { scope: 'operator.read', answer: 'rpc.usage.cost.fresh' },
  'agents.list': { scope: 'operator.read', answer: 'rpc.agents.list' },
};

/** Answers to `/healthz` that another release, or a proxy that rewrites JSON, may give: an OpenClaw is alive behind each of them. */
export const LIVE: readonly [string, HttpAnswer][] = [
  ['with another field', { status: 200, body: { ok: true, status: 'live', version: '2027.1.0' } }],
  ['with its fields in another order', { status: 200, body: { status: 'live', ok: true } }],
];
/** Answers to `/healthz` that come close, and are none of an OpenClaw. */
export const NOT_LIVE: readonly [string, HttpAnswer][] = [
  ['with another status', { status: 200, body: { ok: true, status: 'up' } }],
  ['with ok as text', { status: 200, body: { ok: 'true', status: 'live' } }],
  ['with one field', { status: 200, body: { status: 'live' } }],
  ['with a list', { status: 200, body: [true, 'live'] }],
];
/** As a gateway, or a proxy before it, answers one who asked too often. */
export const tooMany = (retryAfter?: string): HttpAnswer => ({
  status: 429,
  body: { error: { message: 'Too many requests', type: 'rate_limited' } },
  ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }),
});
