import type { Probe } from '../runtime/probe.js';
import { type Failed, type Finding, type ProbeResult, answered, failed } from '../runtime/probe-result.js';
import { type HttpAnswer, get } from './http.js';
import { networkFailure, shown } from './network-failure.js';

const RETRY_MS = 30_000;
const MAX_RETRY_MS = 3_600_000;

/**
 * An OpenClaw gateway over HTTP, without a credential. Alive is what answers `/healthz` with the two fields of an OpenClaw, whatever stands
 * beside them: other paths, and other servers, answer 200 with a page. Whether it is ready stands in `/startupz` and `/readyz`, since
 * `/healthz` says live while it starts and while it drains. A gateway that says how long it wants no request gets none meanwhile.
 */
export class GatewayProbe implements Probe {
  private readonly target: string;
  /** The finding that holds until then, of `performance.now`. */
  private limited: { result: ProbeResult; untilMs: number } | null = null;

  constructor(url: string) {
    this.target = shown(url);
  }

  async look(signal: AbortSignal): Promise<ProbeResult> {
    const begun = performance.now();
    if (this.limited !== null && begun < this.limited.untilMs) return this.limited.result;
    this.limited = null;
    try {
      const alive = await this.ask('healthz', signal);
      const latencyMs = performance.now() - begun;
      const [startup, ready] = await Promise.all([this.ask('startupz', signal), this.ask('readyz', signal)]);
      const refused = [alive, startup, ready].find(({ status }) => status === 429);
      if (refused !== undefined) return this.limit(refused, latencyMs);
      return probeResultOf(this.target, alive, startup, ready, latencyMs);
    } catch (error) {
      return networkFailure(error, this.target) ?? failed('error_rate', `${this.target} did not answer in full.`);
    }
  }

  async close(): Promise<void> {}

  private limit(answer: HttpAnswer, latencyMs: number): ProbeResult {
    const detail = `${this.target} takes no more requests from this address for a while (429).`;
    const result = answered(latencyMs, { findings: [amber('rate_limited', detail)] });
    this.limited = { result, untilMs: performance.now() + retryAfterMs(answer) };
    return result;
  }

  private ask(path: string, signal: AbortSignal): Promise<HttpAnswer> {
    return get(`${this.target.replace(/\/$/, '')}/${path}`, signal);
  }
}

/** Seconds, or an instant; one that says neither is asked again as always. */
function retryAfterMs({ retryAfter }: HttpAnswer): number {
  const text = retryAfter?.trim() ?? '';
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? RETRY_MS : Math.min(MAX_RETRY_MS, Math.max(0, ms));
}

const field = (json: unknown, name: string): unknown =>
  typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[name] : undefined;

function probeResultOf(target: string, alive: HttpAnswer, startup: HttpAnswer, ready: HttpAnswer, latencyMs: number): ProbeResult {
  const dead = unlessAlive(target, alive);
  if (dead !== undefined) return 'ok' in dead ? dead : answered(latencyMs, { findings: [dead] });
  const [version, uptimeMs] = [field(startup.json, 'version'), field(startup.json, 'uptimeMs')];
  return answered(latencyMs, {
    findings: [startupFinding(startup) ?? readyFinding(ready)].filter((finding) => finding !== undefined),
    capability: 'http',
    version: typeof version === 'string' ? version : null,
    uptimeMs: typeof uptimeMs === 'number' && uptimeMs >= 0 ? uptimeMs : null,
  });
}

/** What is wrong with an answer to `/healthz`; undefined: an OpenClaw is alive. */
function unlessAlive(target: string, { status, json }: HttpAnswer): Finding | Failed | undefined {
  if (status === 401 || status === 403) return amber('unauthorised', `${target} asks for a credential before it says whether it lives.`);
  if (status >= 500) return failed('error_rate', `${target} answered ${status}.`);
  const isOpenClaw = status === 200 && field(json, 'ok') === true && field(json, 'status') === 'live';
  return isOpenClaw
    ? undefined
    : { colour: 'red', reason: 'not_openclaw', detail: `${target} answers, but not as an OpenClaw gateway (${status}).` };
}

const amber = (reason: Finding['reason'], detail: string): Finding => ({ colour: 'amber', reason, detail });

function startupFinding({ status, json }: HttpAnswer): Finding | undefined {
  const state = field(json, 'status');
  const pending = field(json, 'pendingReason');
  if (status === 503 && state === 'starting')
    return typeof pending === 'string'
      ? { colour: 'amber', reason: 'starting', details: { pending } }
      : amber('starting', 'The gateway is starting.');
  if (status === 503 && state === 'draining') return amber('draining', 'The gateway finishes what it is doing and takes nothing new.');
  if (status === 403)
    return amber('unauthorised', 'The gateway hides its state behind a proxy it does not trust (gateway.trustedProxies).');
  return state === 'started' ? undefined : amber('version_unsupported', `The gateway does not say whether it has started (${status}).`);
}

function readyFinding({ status, json }: HttpAnswer): Finding | undefined {
  if (field(json, 'ready') === true) return undefined;
  const failing = field(json, 'failing');
  const what = Array.isArray(failing) ? failing.filter((one) => typeof one === 'string') : [];
  if (field(json, 'ready') === false) return { colour: 'amber', reason: 'dependency_down', details: { failing: what } };
  return amber('version_unsupported', `The gateway does not say whether it is ready (${status}).`);
}
