import { type GatewayReport, plainText } from '../../../../libs/edge/src/tunnel.protocol.js';
import type { GatewayReason, HttpLook } from './http-look.js';
import type { HealthFacts, HelloFacts } from './projection.js';
import type { Trouble } from './session.js';

/** What is known of a gateway after a round of looking. */
export interface Seen {
  name: string;
  look: HttpLook;
  /** null: no session. */
  session: { hello: HelloFacts; health: HealthFacts | null; sessions: number | null } | null;
  /** Why there is no session although there is a token. */
  trouble: Trouble | null;
}
type Open = Extract<HttpLook, { kind: 'open' }>;
type Verdict = Pick<GatewayReport, 'state' | 'reason' | 'sentence'>;

const SENTENCE_LENGTH = 512;
const READY: Verdict = { state: 'ready', reason: null, sentence: 'The gateway is ready.' };
const verdict = (state: GatewayReport['state'], reason: GatewayReason, sentence: string): Verdict => ({ state, reason, sentence });

/**
 * The tiers stand on each other: without an answer to `/healthz` there is none, without a session there is http, with one there is probe,
 * and read when the gateway's scopes let us ask for figures. The first thing that is wrong is the one that is told: whether it is there,
 * whether it has started, whether it is ready, whether we may look closer, whether something in it is not well.
 */
export function gatewayReport({ name, look, session, trouble }: Seen): GatewayReport {
  if (look.kind !== 'open')
    return { name, capability: 'none', version: null, uptime_ms: null, latency_ms: null, sessions: null, ...absent(name, look) };
  return {
    name,
    capability:
      session === null ? 'http' : session.hello.may.has('usage.cost') || session.hello.may.has('sessions.list') ? 'read' : 'probe',
    version: session?.hello.version ?? look.version,
    uptime_ms: look.uptimeMs ?? session?.hello.uptimeMs ?? null,
    latency_ms: look.latencyMs,
    sessions: session?.sessions ?? session?.health?.sessions ?? null,
    ...(startup(look, session !== null) ?? closer(trouble) ?? inside(look, session?.health ?? null) ?? READY),
  };
}

function absent(name: string, look: Exclude<HttpLook, Open>): Verdict {
  switch (look.kind) {
    case 'unreachable':
      return verdict('unreachable', look.reason, plainText(`${name} ${look.why}.`, SENTENCE_LENGTH));
    case 'not_openclaw':
      return verdict('not_openclaw', 'not_openclaw', `${name} answers, but not as an OpenClaw gateway (${look.status}).`);
    case 'locked':
      return verdict('unauthorised', 'unauthorised', `${name} asks for a credential before it says whether it lives.`);
  }
}

function startup({ startup, pending, ready, failing }: Open, hasSession: boolean): Verdict | null {
  if (startup === 'starting') return verdict('starting', 'starting', `The gateway is starting${pending === null ? '' : `: ${pending}`}.`);
  if (startup === 'draining') return verdict('draining', 'draining', 'The gateway finishes what it is doing and takes nothing new.');
  if (ready === false)
    return verdict('not_ready', 'dependency_down', `The gateway is not ready${failing.length === 0 ? '' : `: ${failing.join(', ')}`}.`);
  if (hasSession) return null; // It took us in: what it says over HTTP, and to whom, matters no more.
  if (startup === 'hidden')
    return verdict(
      'unauthorised',
      'unauthorised',
      'The gateway hides its state behind a proxy it does not trust (gateway.trustedProxies).',
    );
  if (startup === 'unsaid' || ready === null)
    return verdict('not_ready', 'version_unsupported', 'The gateway does not say whether it has started and is ready.');
  return null;
}

/** Troubles that are not here come and go with the gateway, whose state is told. */
const CLOSER: Partial<Record<Trouble['kind'], (trouble: Trouble) => Verdict>> = {
  unauthorised: () =>
    verdict('unauthorised', 'unauthorised', 'The gateway does not take the token; give the agent the right one: edge-agent gateway-token.'),
  pairing_required: ({ requestId }) =>
    verdict(
      'unauthorised',
      'pairing_required',
      `The gateway wants to know this device${requestId === null ? '' : `: run openclaw devices approve ${requestId}`}.`,
    ),
  rate_limited: () => verdict('unauthorised', 'rate_limited', 'The gateway refuses this address for a while, after too many wrong tokens.'),
  protocol_mismatch: () =>
    verdict('ready', 'protocol_mismatch', 'The gateway is ready, and speaks another version of its protocol than this agent.'),
  frozen: () => verdict('not_ready', 'heartbeat_timeout', 'The gateway answers over HTTP, and says nothing over its WebSocket.'),
};
const closer = (trouble: Trouble | null): Verdict | null => (trouble === null ? null : (CLOSER[trouble.kind]?.(trouble) ?? null));

function inside(look: Open, health: HealthFacts | null): Verdict | null {
  if (health !== null && health.pluginErrors > 0)
    return verdict(
      'ready',
      'dependency_down',
      `The gateway is ready; ${health.pluginErrors === 1 ? '1 plugin' : `${health.pluginErrors} plugins`} did not load.`,
    );
  if (health?.isModelDegraded === true) return verdict('ready', 'dependency_down', 'The gateway is ready; its models are not all well.');
  if (health?.isLoopDegraded ?? look.isLoopDegraded)
    return verdict('ready', 'slow', 'The gateway is ready; it has more to do than it can.');
  return null;
}
