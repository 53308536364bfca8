import type { Component, EdgeAgent, Health, Instant, LiveSection, Minute, Peer } from '../contract.js';
import { lastKnownAt, nameOf } from './agents.js';
import { latency } from './moment.js';
import { said } from './said.js';
import { SEVERITY, wordOf } from './words.js';

/** A peer, an agent or a component as a line of the list: what they have in common. */
export interface Row {
  readonly id: string;
  readonly section: LiveSection;
  readonly name: string;
  /** Where it is. */
  readonly place: string | null;
  readonly status: string;
  readonly health: Health;
  readonly reason: string | null;
  readonly sentence: string;
  readonly since: Instant;
  /** The one number that matters, and what it is made of. */
  readonly figure: string;
  readonly figureTip: string;
  /** null: this kind is not observed by the minute. */
  readonly history: readonly Minute[] | null;
  readonly lastSeen: Instant | null;
  /** What is shown is of then, and not of now; null: of now, or nothing was ever known. */
  readonly knownAt: Instant | null;
  readonly peer: Peer | null;
  readonly agent: EdgeAgent | null;
  readonly component: Component | null;
}

const NOBODY = { history: null, knownAt: null, peer: null, agent: null, component: null } as const;

export function peerRow(peer: Peer): Row {
  return {
    ...NOBODY,
    id: peer.peer_id,
    section: 'federation',
    name: peer.label,
    place: hostOf(peer.url),
    status: peer.status,
    health: peer.health,
    reason: peer.reason,
    sentence: said(peer.sentence),
    since: peer.since,
    figure: latency(peer.rtt_ms),
    figureTip: peer.rtt_ms === null ? 'No round trip yet' : 'Last round trip',
    lastSeen: peer.last_heartbeat_at,
    knownAt: peer.status === 'connected' || peer.status === 'degraded' ? null : peer.last_good_at,
    peer,
  };
}

const hostOf = (url: string): string => URL.parse(url)?.host ?? url;

export function agentRow(agent: EdgeAgent): Row {
  const name = nameOf(agent);
  return {
    ...NOBODY,
    id: agent.agent_id,
    section: 'edge',
    name,
    place: agent.hostname === name ? null : agent.hostname,
    status: agent.status,
    health: agent.health,
    reason: agent.reason,
    sentence: said(agent.sentence),
    since: agent.since,
    figure: latency(agent.rtt_ms),
    figureTip: agent.rtt_ms === null ? 'No round trip yet' : 'Last round trip through the tunnel',
    lastSeen: agent.last_heartbeat_at,
    knownAt: lastKnownAt(agent),
    agent,
  };
}

export function componentRow(component: Component): Row {
  return {
    ...NOBODY,
    id: component.component_id,
    section: 'services',
    name: component.name,
    place: component.target,
    status: component.status,
    health: component.health,
    reason: component.reason,
    sentence: said(component.sentence),
    since: component.since,
    figure: latency(component.latency_ms),
    figureTip:
      component.p95_ms === null
        ? 'Last latency'
        : `Last ${latency(component.latency_ms)}, p95 over 60 minutes ${latency(component.p95_ms)}`,
    history: component.history,
    lastSeen: component.last_probe_at,
    component,
  };
}

const KINDS: readonly Component['kind'][] = ['api', 'postgresql', 'valkey', 'nats', 'projections', 'gateways', 'gateway'];

/** Peers and agents by name, components by kind and then name: a row keeps its place whatever order the answers came in. */
function byPlace(a: Row, b: Row): number {
  const kind = a.component === null || b.component === null ? 0 : KINDS.indexOf(a.component.kind) - KINDS.indexOf(b.component.kind);
  return kind || a.name.localeCompare(b.name) || a.id.localeCompare(b.id);
}

/** Worst first, of equals the latest to change. */
const byUrgency = (a: Row, b: Row): number =>
  SEVERITY[a.health] - SEVERITY[b.health] || Date.parse(b.since) - Date.parse(a.since) || byPlace(a, b);

export interface Groups {
  readonly problems: readonly Row[];
  readonly unknown: readonly Row[];
  readonly healthy: readonly Row[];
}

export function grouped(rows: readonly Row[]): Groups {
  return {
    problems: rows.filter(({ health }) => health === 'down' || health === 'degraded').toSorted(byUrgency),
    unknown: rows.filter(({ health }) => health === 'unknown').toSorted(byPlace),
    healthy: rows.filter(({ health }) => health === 'up').toSorted(byPlace),
  };
}

export interface Sought {
  status?: string;
  q?: string;
}

/** A status is a word of the product or a health; each word of `q` must stand somewhere in the row. */
export function matches(row: Row, { status, q }: Sought): boolean {
  if (status !== undefined && status !== row.status && status !== row.health) return false;
  if (q === undefined) return true;
  const text = [
    row.id,
    row.name,
    row.place,
    row.status,
    wordOf(row.status),
    row.reason,
    row.sentence,
    row.peer?.remote_peer_id,
    row.peer?.url,
    row.agent?.version,
    ...(row.agent?.gateways.map(({ name }) => name) ?? []),
  ]
    .join('\n')
    .toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** How many of each health, for the filters above the list. */
export function counts(rows: readonly Row[]): Record<Health, number> {
  const count: Record<Health, number> = { up: 0, degraded: 0, down: 0, unknown: 0 };
  for (const { health } of rows) count[health] += 1;
  return count;
}
