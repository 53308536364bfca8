import type { AgentSynced, GatewayChannel, GatewaySnapshot } from './events/index.js';

/** Two latencies that differ by less, in themselves or in proportion, say the same. */
const LATENCY_MS = 20;
const LATENCY_RATIO = 0.5;
/** A start is reckoned from an uptime, which was asked for a while before it came here. */
const START_MS = 60_000;

/** Two shares of a host that differ by less say the same; a disk fills slowly. */
const BUSY_RATIO = 0.05;
const DISK_RATIO = 0.01;

/** `content`: something happened, and is a fact. `gauges`: only numbers moved, which they always do; that is telemetry. */
export type Difference = 'same' | 'gauges' | 'content';

/** How two reports of one agent differ. */
export function differenceOf(a: AgentSynced, b: AgentSynced): Difference {
  const isContent =
    a.desired_version !== b.desired_version ||
    a.outbox_capacity !== b.outbox_capacity ||
    a.outbox_dropped !== b.outbox_dropped ||
    a.gateways.length !== b.gateways.length ||
    a.gateways.some((gateway, i) => !isSame(gateway, b.gateways[i]));
  if (isContent) return 'content';
  return a.gateways.some((gateway, i) => isMoved(gateway, b.gateways[i])) || isHostMoved(a, b) ? 'gauges' : 'same';
}

const isHostMoved = (a: AgentSynced, b: AgentSynced): boolean =>
  differ(a.cpu_ratio, b.cpu_ratio, BUSY_RATIO) ||
  differ(a.mem_ratio, b.mem_ratio, BUSY_RATIO) ||
  differ(a.disk_ratio, b.disk_ratio, DISK_RATIO);

const differ = (a: number | null, b: number | null, least: number): boolean =>
  a === null || b === null ? a !== b : Math.abs(a - b) >= least;

const isSame = (a: GatewaySnapshot, b: GatewaySnapshot | undefined): boolean =>
  b !== undefined &&
  a.name === b.name &&
  a.capability === b.capability &&
  a.state === b.state &&
  a.version === b.version &&
  a.reason === b.reason &&
  a.tier_limit === b.tier_limit &&
  a.channels.length === b.channels.length &&
  a.channels.every(({ name }, i) => name === b.channels[i]?.name) &&
  isSameStart(a.started_at, b.started_at);

/** Whether two reckonings can be of the same start. */
export const isSameStart = (a: string | null, b: string | null): boolean =>
  a === null || b === null ? a === b : Math.abs(Date.parse(a) - Date.parse(b)) <= START_MS;

function isMoved(a: GatewaySnapshot, b: GatewaySnapshot | undefined): boolean {
  if (b === undefined || a.sessions !== b.sessions || a.sentence !== b.sentence) return true;
  if (a.channels.some((channel, i) => isChannelMoved(channel, b.channels[i]))) return true;
  if (a.latency_ms === null || b.latency_ms === null) return a.latency_ms !== b.latency_ms;
  return Math.abs(a.latency_ms - b.latency_ms) > Math.max(LATENCY_MS, LATENCY_RATIO * a.latency_ms);
}

/** A channel may come and go all day: that is no fact. Of one that stays away the gateway itself says so. */
const isChannelMoved = (a: GatewayChannel, b: GatewayChannel | undefined): boolean =>
  b === undefined ||
  a.connected !== b.connected ||
  a.lifecycle !== b.lifecycle ||
  a.error !== b.error ||
  !isSameStart(a.down_since, b.down_since);
