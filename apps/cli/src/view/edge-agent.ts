import type { EdgeAgent, Gateway } from '../contract.js';
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
      { head: 'WHY', below: true },
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
      [why(agent.reason, agent.sentence), rejectedOf(agent, now)].filter((part) => part !== '').join(' '),
    ]),
    canvas,
  );

/** Handshakes that the server rejected since the agent was last heard; '': none. */
const rejectedOf = ({ rejected }: EdgeAgent, now: string | null): string =>
  rejected
    ? `${rejected.count} ${rejected.count === 1 ? 'handshake' : 'handshakes'} rejected, the last ${ago(rejected.last_at, now)}: ${rejected.sentence}`
    : '';

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
      ['host load', loadOf(agent)],
      ['uptime', uptimeOf(agent, now)],
      ['connected', instant(agent.connected_at)],
      ['last heartbeat', instant(agent.last_heartbeat_at)],
      ['last sync', instant(agent.last_sync_at)],
      ['round trip', latency(agent.rtt_ms)],
      ...(agent.rejected ? [['rejected', rejectedOf(agent, now)] satisfies [string, Cell]] : []),
      ['cost', cost === null ? '' : `${costOf(agent, null)}, ${COUNT.format(cost.tokens)} tokens${cost.fresh ? '' : ', not up to date'}`],
      ...(cost?.by_model ?? []).map(({ model, usd, tokens }): [string, Cell] => [
        '',
        `${model}: ${dollars(usd)}, ${COUNT.format(tokens)} tokens`,
      ]),
      ...(cost?.by_agent ?? []).map(({ gateway, agent: name, usd, tokens }, i): [string, Cell] => [
        i === 0 ? 'cost by agent' : '',
        `${[name, gateway].filter((part) => part !== null).join(' at ')}: ${dollars(usd)}, ${COUNT.format(tokens)} tokens`,
      ]),
      ['version', [agent.version, agent.os].filter((part) => part !== null).join(' on ')],
      ['agent id', agent.agent_id],
      ['key fingerprint', agent.key_fingerprint],
      ['lifecycle', agent.lifecycle + (agent.ephemeral ? ', ephemeral' : '')],
      ...(agent.archived_at === null ? [] : [['archived', instant(agent.archived_at)] satisfies [string, Cell]]),
      ['enrolled', `${instant(agent.enrolled_at)} by ${agent.enrolled_by}`],
      ['evidence', agent.evidence.join(' ')],
      ['gateways', `${gateways.length}${gateways.length === 0 ? '' : lastKnown}`],
    ],
    canvas,
  );
  if (gateways.length === 0) return lines;
  return [...lines, '', ...gatewayTable(gateways, isSpeaking(agent), now, canvas), ...gatewayNotes(gateways, now, canvas)];
}

/** Rounded down, so that a disk that is not full is not told as 100 %; the product of two floats may be a hair too small. */
const percent = (ratio: number): number => Math.floor(Number((ratio * 100).toFixed(3)));

/** What its host is busy with, and when that was said. */
function loadOf({ host }: EdgeAgent): string {
  if (host === null) return '';
  const share = (name: string, ratio: number | null): string[] => (ratio === null ? [] : [`${name} ${percent(ratio)} %`]);
  const shares = [...share('cpu', host.cpu_ratio), ...share('memory', host.mem_ratio), ...share('disk', host.disk_ratio)];
  return `${shares.join(', ')}, at ${instant(host.at)}`;
}

/** Of a gateway that does not answer, what it said when it still did. */
const lastKnown = ({ known_at }: Gateway, text: string): Cell => (known_at === null ? text : { text, colour: 'grey' });

const whyOf = ({ reason, sentence, known_at }: Gateway, now: string | null): string =>
  why(reason, sentence) + (known_at === null ? '' : ` Its version and uptime are of ${ago(known_at, now)}.`);

/** What an agent that is gone had said of a gateway is never green. */
const gatewayTable = (gateways: readonly Gateway[], isKnown: boolean, now: string | null, canvas: Canvas): string[] =>
  table(
    [
      { head: 'GATEWAY', least: 12 },
      { head: 'STATE' },
      { head: 'TIER' },
      { head: 'VERSION' },
      { head: 'UPTIME' },
      { head: 'LATENCY' },
      { head: 'SESSIONS', right: true },
      { head: 'WHY', below: true },
    ],
    gateways.map((gateway) => [
      gateway.name,
      state(gateway.state, isKnown ? gateway.health : 'unknown'),
      gateway.capability,
      lastKnown(gateway, gateway.version ?? ''),
      lastKnown(gateway, span(gateway.uptime_ms)),
      latency(gateway.latency_ms),
      gateway.sessions === null ? '' : String(gateway.sessions),
      whyOf(gateway, now),
    ]),
    canvas,
  );

/** Of each gateway its channels, and what lets the agent read more of it. */
function gatewayNotes(gateways: readonly Gateway[], now: string | null, canvas: Canvas): string[] {
  const notes = gateways.flatMap(({ name, capability, channels, tier_advice }) => [
    ...channels.map((channel): [string, Cell] => [name, `channel ${channel.name}: ${channelState(channel, now)}`]),
    ...(tier_advice === null ? [] : [[name, `tier ${capability}. ${tier_advice}`] satisfies [string, Cell]]),
  ]);
  return notes.length === 0 ? [] : ['', ...details(notes, canvas)];
}

function channelState({ connected, lifecycle, error, down_since }: Gateway['channels'][number], now: string | null): string {
  if (connected !== false) return connected === true ? 'connected' : (lifecycle ?? 'not known');
  const since = age(down_since, now);
  return `not connected${since === '' ? '' : ` for ${since}`}${error === null ? '' : ` (${error})`}`;
}
