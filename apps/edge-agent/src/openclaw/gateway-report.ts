import { type ChannelReport, type GatewayReport, type TierLimit, plainText } from '../../../../libs/edge/src/tunnel.protocol.js';
import type { GatewayReason, HttpLook } from './http-look.js';
import type { HealthFacts, HelloFacts } from './projection.js';
import type { Trouble } from './session.js';

/** What is known of a gateway after a round of looking. */
export interface GatewayObservation {
  name: string;
  look: HttpLook;
  hasToken: boolean;
  /** null: no session. */
  session: { hello: HelloFacts; health: HealthFacts | null; channels: ChannelReport[] } | null;
  /** Why there is no session although there is a token. */
  trouble: Trouble | null;
}
type Open = Extract<HttpLook, { kind: 'open' }>;
type GatewayCondition = Pick<GatewayReport, 'state' | 'reason' | 'sentence'>;

const SENTENCE_LENGTH = 512;
const READY: GatewayCondition = { state: 'ready', reason: null, sentence: 'The gateway is ready.' };
const condition = (state: GatewayReport['state'], reason: GatewayReason, sentence: string): GatewayCondition => ({
  state,
  reason,
  sentence,
});

/**
 * The tiers stand on each other: without an answer to `/healthz` there is none, without a session there is http, with one there is probe,
 * and read when the gateway granted the scope for figures. The first thing that is wrong is the one that is told: whether it is there,
 * whether it has started, whether it is ready, whether we may look closer, whether something in it is not well.
 */
export function gatewayReport(seen: GatewayObservation): GatewayReport {
  const { name, look, session, trouble } = seen;
  const hello = session?.hello ?? null;
  const known = {
    name,
    tier_limit: tierLimit(seen),
    channels: session?.channels ?? [],
    sessions: session?.health?.sessions ?? null,
  };
  if (look.kind !== 'open' && (look.kind !== 'rate_limited' || hello === null))
    return { ...known, capability: 'none', version: null, uptime_ms: null, latency_ms: null, ...absent(name, look) };
  const open = look.kind === 'open' ? look : null;
  return {
    ...known,
    capability: hello === null ? 'http' : hello.may.has('usage.cost') ? 'read' : 'probe',
    version: hello?.version ?? open?.version ?? null,
    uptime_ms: open?.uptimeMs ?? hello?.uptimeMs ?? null,
    latency_ms: open?.latencyMs ?? null,
    ...((open === null ? null : startup(open, hello !== null)) ?? closer(trouble) ?? inside(open, session) ?? READY),
  };
}

const LIMITED: Partial<Record<Trouble['kind'], TierLimit>> = {
  unauthorised: 'token_refused',
  pairing_required: 'pairing_required',
  rate_limited: 'locked_out',
  protocol_mismatch: 'protocol_mismatch',
};

/** Why the tier is not the highest; of a gateway that does not answer there is nothing to say. */
function tierLimit({ look, hasToken, session, trouble }: GatewayObservation): TierLimit | null {
  if (look.kind !== 'open' && look.kind !== 'rate_limited') return null;
  if (session !== null) return session.hello.may.has('usage.cost') ? null : session.hello.mayRead ? 'methods_missing' : 'scopes_withheld';
  if (look.kind === 'rate_limited') return 'locked_out';
  return hasToken ? ((trouble === null ? undefined : LIMITED[trouble.kind]) ?? 'no_session') : 'no_token';
}

function absent(name: string, look: Exclude<HttpLook, Open>): GatewayCondition {
  switch (look.kind) {
    case 'unreachable':
      return condition('unreachable', look.reason, plainText(`${name} ${look.why}.`, SENTENCE_LENGTH));
    case 'not_openclaw':
      return condition('not_openclaw', 'not_openclaw', `${name} answers, but not as an OpenClaw gateway (${look.status}).`);
    case 'rate_limited':
      return condition('unauthorised', 'rate_limited', `${name} takes no more requests from this address for a while (429).`);
    case 'locked':
      return condition('unauthorised', 'unauthorised', `${name} asks for a credential before it says whether it lives.`);
  }
}

function startup({ startup, pending, ready, failing }: Open, hasSession: boolean): GatewayCondition | null {
  if (startup === 'starting') return condition('starting', 'starting', `The gateway is starting${pending === null ? '' : `: ${pending}`}.`);
  if (startup === 'draining') return condition('draining', 'draining', 'The gateway finishes what it is doing and takes nothing new.');
  if (ready === false)
    return condition('not_ready', 'dependency_down', `The gateway is not ready${failing.length === 0 ? '' : `: ${failing.join(', ')}`}.`);
  if (hasSession) return null; // It took us in: what it says over HTTP, and to whom, matters no more.
  if (startup === 'hidden')
    return condition(
      'unauthorised',
      'unauthorised',
      'The gateway hides its state behind a proxy it does not trust (gateway.trustedProxies).',
    );
  if (startup === 'unsaid' || ready === null)
    return condition('not_ready', 'version_unsupported', 'The gateway does not say whether it has started and is ready.');
  return null;
}

/** Troubles that are not here come and go with the gateway, whose state is told. */
const CLOSER: Partial<Record<Trouble['kind'], (trouble: Trouble) => GatewayCondition>> = {
  unauthorised: () =>
    condition(
      'unauthorised',
      'unauthorised',
      'The gateway does not take the token; give the agent the right one: edge-agent gateway-token.',
    ),
  pairing_required: ({ requestId }) =>
    condition(
      'unauthorised',
      'pairing_required',
      `The gateway wants to know this device${requestId === null ? '' : `: run openclaw devices approve ${requestId}`}.`,
    ),
  rate_limited: () =>
    condition('unauthorised', 'rate_limited', 'The gateway refuses this address for a while, after too many wrong tokens.'),
  protocol_mismatch: () =>
    condition('ready', 'protocol_mismatch', 'The gateway is ready, and speaks another version of its protocol than this agent.'),
  frozen: () => condition('not_ready', 'heartbeat_timeout', 'The gateway answers over HTTP, and says nothing over its WebSocket.'),
};
const closer = (trouble: Trouble | null): GatewayCondition | null => (trouble === null ? null : (CLOSER[trouble.kind]?.(trouble) ?? null));

/** So long a channel may take to connect, or to come back, before the gateway counts as not well. */
const CHANNEL_DOWN_MS = 180_000;
const NAMED = 3;

function inside(look: Open | null, session: GatewayObservation['session']): GatewayCondition | null {
  const down = (session?.channels ?? []).filter(({ down_ms }) => down_ms !== null && down_ms > CHANNEL_DOWN_MS);
  if (down.length > 0) return well(`${named(down)} not connected`);
  const health = session?.health ?? null;
  if (health !== null && health.pluginErrors > 0) return well(`${plugins(health.pluginErrors)} did not load`);
  if (health !== null && health.pluginsUnavailable > 0)
    return well(`${plugins(health.pluginsUnavailable)} ${health.pluginsUnavailable === 1 ? 'is' : 'are'} not available`);
  if (health?.isModelDegraded === true) return well('its models are not all well');
  if (health?.isLoopDegraded ?? look?.isLoopDegraded)
    return condition('ready', 'slow', 'The gateway is ready; it has more to do than it can.');
  if (health?.isReloadOff === true) return well('it no longer watches its configuration: restart it after a change');
  return null;
}

const well = (but: string): GatewayCondition => condition('ready', 'dependency_down', `The gateway is ready; ${but}.`);
const plugins = (count: number): string => (count === 1 ? '1 plugin' : `${count} plugins`);

function named(channels: readonly ChannelReport[]): string {
  const names = channels.slice(0, NAMED).map(({ name }) => name);
  const more = channels.length > NAMED ? ` and ${channels.length - NAMED} more` : '';
  return `${channels.length === 1 ? 'channel' : 'channels'} ${names.join(', ')}${more} ${channels.length === 1 ? 'is' : 'are'}`;
}
