import type { EdgeAgent, EdgeCost, Gateway, Health, Instant } from '../contract.js';

/** What operators call it; an agent that joined without a label is told by its host. */
export const nameOf = ({ label, hostname, agent_id: id }: Pick<EdgeAgent, 'label' | 'hostname' | 'agent_id'>): string =>
  label || hostname || id;

/** Of when its values are; null: of now, since its tunnel stands, or it never said anything. */
export const lastKnownAt = ({ status, last_heartbeat_at: heardAt }: Pick<EdgeAgent, 'status' | 'last_heartbeat_at'>): Instant | null =>
  status === 'connected' || status === 'degraded' ? null : heardAt;

/** How long its process has run, milliseconds; of one that is away, how long it had when last heard. null: it never said. */
export function uptimeMs(agent: EdgeAgent, now: number): number | null {
  if (agent.started_at === null) return null;
  const known = lastKnownAt(agent);
  return Math.max(0, (known === null ? now : Date.parse(known)) - Date.parse(agent.started_at));
}

/** The UTC day of an instant, as costs name theirs. */
export const utcDay = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** What was spent on `day`; null: nothing is known of that day. */
export const costOn = ({ cost }: Pick<EdgeAgent, 'cost'>, day: string): EdgeCost | null => (cost?.day === day ? cost : null);

/** Of all agents together, on `day`; null: none of them says. */
export function costOfAll(agents: readonly EdgeAgent[], day: string): { usd: number; tokens: number } | null {
  const costs = agents.flatMap((agent) => costOn(agent, day) ?? []);
  if (costs.length === 0) return null;
  return costs.reduce((sum, { usd, tokens }) => ({ usd: sum.usd + usd, tokens: sum.tokens + tokens }), { usd: 0, tokens: 0 });
}

const DOLLARS = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const WHOLE_DOLLARS = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });

/** `$4.12`; whole dollars from a thousand on; what is less than a cent says so and is not nothing. */
export function dollars(usd: number): string {
  if (usd > 0 && usd < 0.01) return '<$0.01';
  return (usd < 1_000 ? DOLLARS : WHOLE_DOLLARS).format(usd);
}

const HEALTH: Record<Gateway['state'], Health> = {
  ready: 'up',
  starting: 'degraded',
  draining: 'degraded',
  not_ready: 'degraded',
  flapping: 'degraded',
  unauthorised: 'degraded',
  unreachable: 'down',
  not_openclaw: 'down',
};

export const healthOfGateway = ({ state }: Pick<Gateway, 'state'>): Health => HEALTH[state] ?? 'unknown';

const READS: Record<Gateway['capability'], string> = {
  none: 'Nothing is read of it yet.',
  http: 'Without credentials: state, version and latency.',
  probe: 'With its token: sessions and channels too.',
  read: 'With a paired key: sessions and cost too.',
};

/** What the agent may read of a gateway, in a sentence. */
export const readsOf = ({ capability }: Pick<Gateway, 'capability'>): string => READS[capability] ?? '';

/**
 * How far an enrolment has come.
 *
 * waiting    nobody has used the line.
 * joined     an agent has, and its tunnel was never there yet.
 * connected  its tunnel was there once: what the line was for is done, whatever becomes of the agent later.
 * expired    nobody has used the line in time.
 */
export type Enrolment = { readonly stage: 'waiting' | 'expired' } | { readonly stage: 'joined' | 'connected'; readonly agent: EdgeAgent };

export function enrolmentOf(joinTokenId: string, agents: readonly EdgeAgent[], isOver: boolean): Enrolment {
  const agent = agents.find((one) => one.join_token_id === joinTokenId);
  if (agent !== undefined) return { stage: agent.lifecycle === 'enrolled' ? 'joined' : 'connected', agent };
  return { stage: isOver ? 'expired' : 'waiting' };
}
