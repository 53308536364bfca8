import type { EdgeAgent, Gateway, Health } from '../contract.js';
import { type Canvas, type Cell, details, table } from './table.js';
import { age, ago, instant, latency, span, state, why } from './words.js';

/** In these it speaks to us now; in all others what it said is the last that is known. */
const SPEAKING: readonly EdgeAgent['status'][] = ['enrolled', 'connected', 'degraded'];
const isSpeaking = ({ status }: EdgeAgent): boolean => SPEAKING.includes(status);

export const agentTable = (agents: readonly EdgeAgent[], now: string | null, canvas: Canvas): string[] =>
  table(
    [
      { head: 'NAME', least: 12 },
      { head: 'HOST', least: 8, spare: 5 },
      { head: 'STATUS' },
      { head: 'FOR' },
      { head: 'RTT', spare: 2 },
      { head: 'UPTIME', spare: 1 },
      { head: 'LAST SYNC', spare: 3 },
      { head: 'LAST SEEN', spare: 7 },
      { head: 'COST', spare: 4 },
      { head: 'AGENT ID', spare: 6 },
      { head: 'WHY', least: 16 },
    ],
    agents.map((agent) => [
      agent.label,
      agent.hostname ?? '',
      state(agent.status, agent.health),
      age(agent.since, now),
      latency(agent.rtt_ms),
      uptimeOf(agent, now),
      ago(agent.last_sync_at, now),
      ago(agent.last_heartbeat_at, now),
      costOf(agent, now),
      agent.agent_id,
      why(agent.reason, agent.sentence),
    ]),
    canvas,
  );

/** Of its process; of one that is gone, as long as it is known to have run. */
const uptimeOf = (agent: EdgeAgent, now: string | null): string => age(agent.started_at, isSpeaking(agent) ? now : agent.last_heartbeat_at);

const DOLLARS = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const COUNT = new Intl.NumberFormat('en-US');
const dollars = (usd: number): string => (usd > 0 && usd < 0.01 ? '<$0.01' : DOLLARS.format(usd));

/** Of the day, which is named where it is not today (UTC); entries without a cost make it the least that was spent. */
function costOf({ cost }: EdgeAgent, now: string | null): string {
  if (cost === null) return '';
  const amount = `${cost.missing_cost_entries > 0 ? '≥ ' : ''}${dollars(cost.usd)}`;
  return now?.startsWith(cost.day) ? amount : `${amount} on ${cost.day}`;
}

export function agentDetails(agent: EdgeAgent, now: string | null, canvas: Canvas): string[] {
  const { gateways, cost } = agent;
  const lastKnown = isSpeaking(agent) ? '' : `, as last known at ${instant(agent.last_sync_at)}`;
  const lines = details(
    [
      ['name', agent.label],
      ['status', state(agent.status, agent.health)],
      ['why', agent.reason === null ? agent.sentence : why(agent.reason, agent.sentence)],
      ['since', `${instant(agent.since)} (${age(agent.since, now)})`],
      ['expected back', instant(agent.expected_back_at)],
      ['host', agent.hostname ?? ''],
      ['uptime', uptimeOf(agent, now)],
      ['connected', instant(agent.connected_at)],
      ['last heartbeat', instant(agent.last_heartbeat_at)],
      ['last sync', instant(agent.last_sync_at)],
      ['round trip', latency(agent.rtt_ms)],
      ['cost', cost === null ? '' : `${costOf(agent, null)}, ${COUNT.format(cost.tokens)} tokens${cost.fresh ? '' : ', not up to date'}`],
      ...(cost?.by_model ?? []).map(({ model, usd, tokens }): [string, Cell] => [
        '',
        `${model}: ${dollars(usd)}, ${COUNT.format(tokens)} tokens`,
      ]),
      ['version', [agent.version, agent.os].filter((part) => part !== null).join(' on ')],
      ['agent id', agent.agent_id],
      ['key fingerprint', agent.key_fingerprint],
      ['lifecycle', agent.lifecycle + (agent.ephemeral ? ', ephemeral' : '')],
      ['enrolled', `${instant(agent.enrolled_at)} by ${agent.enrolled_by}`],
      ['evidence', agent.evidence.join(' ')],
      ['gateways', `${gateways.length}${gateways.length === 0 ? '' : lastKnown}`],
    ],
    canvas,
  );
  return gateways.length === 0 ? lines : [...lines, '', ...gatewayTable(gateways, isSpeaking(agent), canvas)];
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

/** What an agent that is gone had said of a gateway is never green. */
const gatewayTable = (gateways: readonly Gateway[], isKnown: boolean, canvas: Canvas): string[] =>
  table(
    [
      { head: 'GATEWAY', least: 12 },
      { head: 'STATE' },
      { head: 'TIER' },
      { head: 'VERSION' },
      { head: 'UPTIME' },
      { head: 'LATENCY' },
      { head: 'SESSIONS', right: true },
      { head: 'WHY', least: 16 },
    ],
    gateways.map((gateway) => [
      gateway.name,
      state(gateway.state, isKnown ? HEALTH[gateway.state] : 'unknown'),
      gateway.capability,
      gateway.version ?? '',
      span(gateway.uptime_ms),
      latency(gateway.latency_ms),
      gateway.sessions === null ? '' : String(gateway.sessions),
      why(gateway.reason, gateway.sentence),
    ]),
    canvas,
  );
