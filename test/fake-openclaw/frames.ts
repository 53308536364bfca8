import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a real gateway answered over HTTP. */
export interface HttpAnswer {
  status: number;
  body: object | string;
}
export type GatewayError = { code: string; message?: string; retryAfterMs?: number; details?: Record<string, unknown> };

/** What a real gateway said: `rpc.*` and `hello-ok.payload` are payloads, `event.*` whole frames. */
export const real = JSON.parse(readFileSync(join(import.meta.dirname, 'openclaw-frames.json'), 'utf8')) as {
  http: Record<string, HttpAnswer>;
  errors: Record<string, GatewayError>;
  'close.codes': Record<string, [number, string]>;
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

/** Scopes a method asks for: as in a real gateway the same FORBIDDEN is said of methods that do not exist. */
export const METHODS: Readonly<Record<string, { scope: string | null; answer: string }>> = {
  health: { scope: null, answer: 'rpc.health' },
  status: { scope: null, answer: 'rpc.status' },
  'system.info': { scope: 'operator.read', answer: 'rpc.system.info' },
  'sessions.list': { scope: 'operator.read', answer: 'rpc.sessions.list' },
  'sessions.usage': { scope: 'operator.read', answer: 'rpc.sessions.usage' },
  'usage.cost': { scope: 'operator.read', answer: 'rpc.usage.cost.fresh' },
  'agents.list': { scope: 'operator.read', answer: 'rpc.agents.list' },
};
