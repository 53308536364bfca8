import type { Component, EdgeAgent, Health, Instant, LiveSection, Minute, Peer } from '../contract.js';
import { lastKnownAt, nameOf, uptimeMs } from './agents.js';
import { NOTHING, duration, latency } from './moment.js';
import { said } from './said.js';
import { type Tell, agentTold, componentTold, peerTold } from './sentences.js';
import { type Kind, kindOf } from './section-status.js';
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
  /** As the server made it. */
  readonly sentence: string;
  /** The same, made again for a moment of the server's clock. */
  readonly told: Tell;
  readonly since: Instant;
  /** The one number that matters, and what it is made of. */
  readonly figure: string;
  readonly figureTip: string;
  /** null: this kind is not observed by the minute. */
  readonly history: readonly Minute[] | null;
  readonly lastSeen: Instant | null;
  /** What is shown is of then, and not of now; null: of now, or nothing was ever known. */
  readonly knownAt: Instant | null;
  /** What was known then and has no place among what is so now. */
  readonly knownThen: string | null;
  readonly peer: Peer | null;
  readonly agent: EdgeAgent | null;
  readonly component: Component | null;
}

const NOBODY = { history: null, knownAt: null, knownThen: null, peer: null, agent: null, component: null } as const;

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
    told: peerTold(peer),
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
  const knownAt = lastKnownAt(agent);
  return {
    ...NOBODY,
    id: agent.agent_id,
    section: 'edge',
    name,
    place: agent.hostname === name ? null : agent.hostname,
    status: agent.status,
    health: agent.health,
    reason: agent.reason,
    sentence: withRejections(agent, said(agent.sentence)),
    told: (now) => withRejections(agent, agentTold(agent)(now)),
    since: agent.since,
    figure: knownAt === null ? latency(agent.rtt_ms) : NOTHING,
    figureTip:
      knownAt !== null ? 'It has no tunnel now' : agent.rtt_ms === null ? 'No round trip yet' : 'Last round trip through the tunnel',
    lastSeen: agent.last_heartbeat_at,
    knownAt,
    knownThen: knownAt === null ? null : knownThen(agent),
    agent,
  };
}

const withRejections = ({ rejected }: EdgeAgent, sentence: string): string =>
  rejected ? `${sentence} ${rejectedHandshakes(rejected)}` : sentence;

/** `up 3h, round trip 31 ms`; null: it never said. */
function knownThen(agent: EdgeAgent): string | null {
  if (agent.status === 'revoked' || agent.last_heartbeat_at === null) return null;
  const uptime = uptimeMs(agent, Date.parse(agent.last_heartbeat_at));
  const words = [uptime !== null && `up ${duration(uptime)}`, agent.rtt_ms !== null && `round trip ${latency(agent.rtt_ms)}`];
  return words.filter((word) => word !== false).join(', ') || null;
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
    told: componentTold(component),
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

/** The compiler asks for the place of each kind. */
const PLACE: Readonly<Record<Component['kind'], number>> = {
  api: 0,
  postgresql: 1,
  valkey: 2,
  nats: 3,
  projections: 4,
  gateways: 5,
  gateway: 6,
};

/** Peers and agents by name, components by kind and then name: a row keeps its place whatever order the answers came in. */
function byPlace(a: Row, b: Row): number {
  const kind = a.component === null || b.component === null ? 0 : PLACE[a.component.kind] - PLACE[b.component.kind];
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

/** As a filter, beside the states: an archived agent has a state, too. */
export const ARCHIVED = 'archived';
const isArchivedRow = ({ agent }: Row): boolean => agent !== null && agent.archived_at !== null;

export interface Sought {
  status?: string;
  q?: string | undefined;
}

/** A status is a word of the product or what a row is filed under; each word of `q` must stand somewhere in the row. */
export function matches(row: Row, { status, q }: Sought): boolean {
  if (status !== undefined && status !== row.status && status !== kindOf(row) && !(status === ARCHIVED && isArchivedRow(row))) return false;
  const text = [...shownTexts(row), ...hiddenTexts(row).map(([, hidden]) => hidden)].join('\n').toLowerCase();
  return wordsOf(q).every((word) => text.includes(word));
}

/** The fields that a search found in a row and that its line does not show: `id peer-3f2a, instance inst-lisbon`; null: the line shows all that was found. */
export function foundBy(row: Row, { q }: Sought): string | null {
  const shown = shownTexts(row).join('\n').toLowerCase();
  const unseen = wordsOf(q).filter((word) => !shown.includes(word));
  const hidden = hiddenTexts(row).filter(([, text]) => unseen.some((word) => text.toLowerCase().includes(word)));
  return hidden.map(([name, text]) => `${name} ${text}`).join(', ') || null;
}

const wordsOf = (q: string | undefined): string[] => q?.toLowerCase().split(/\s+/) ?? [];

/** The words that stand in the line of a row. One that is up has no line for why. */
const shownTexts = (row: Row): string[] =>
  [row.name, row.place, wordOf(row.status), row.health === 'up' ? null : row.sentence].filter((text) => text !== null);

/** Further fields in which a row is searched, with their names. */
function hiddenTexts({ id, name, status, reason, health, sentence, peer, agent }: Row): (readonly [name: string, text: string])[] {
  const texts: (readonly [string, string | null | undefined])[] = [
    ['id', id === name ? null : id],
    ['status', status],
    ['reason', reason],
    ['says', health === 'up' ? sentence : null],
    ['instance', peer?.remote_peer_id],
    ['address', peer?.url],
    ['version', agent?.version],
    ...(agent?.gateways.map((gateway) => ['gateway', gateway.name] as const) ?? []),
  ];
  return texts.flatMap(([called, text]) => (text == null ? [] : [[called, text] as const]));
}

/** How many of each kind there is, for the filters above the list. */
export function counts(rows: readonly Row[]): Partial<Record<Kind, number>> {
  const count: Partial<Record<Kind, number>> = {};
  for (const kind of rows.map(kindOf)) count[kind] = (count[kind] ?? 0) + 1;
  return count;
}

/** `3 handshakes rejected: It asks by ...`; when the last one was changes by itself, and stands in the drawer. */
const rejectedHandshakes = ({ count, sentence }: NonNullable<EdgeAgent['rejected']>): string =>
  `${count} ${count === 1 ? 'handshake' : 'handshakes'} rejected: ${sentence}`;
