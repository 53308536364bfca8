import type { EdgeAgent } from '@app/edge';
import type { Peer } from '@app/federation';
import type { Health, Instant, Status, StatusCount } from '@app/kernel';
import type { Component } from '@app/services';
import type { Overview, ProblemEntry, SectionCount } from './overview.view.js';

export interface ComponentHealth {
  readonly instanceId: string;
  readonly now: Instant;
  /** null, here and below: the read model is being built. */
  readonly peers: readonly StatusCount[] | null;
  /** Those that are degraded or down. */
  readonly troubledPeers: readonly Peer[];
  readonly agents: readonly StatusCount[] | null;
  readonly troubledAgents: readonly EdgeAgent[];
  readonly components: readonly Component[] | null;
}

/** The page in one sentence. Everything in it was judged elsewhere: here it is counted. */
export function overviewOf({ instanceId, now, peers, troubledPeers, agents, troubledAgents, components }: ComponentHealth): Overview {
  const services = counted(components?.map(({ status, health }) => ({ status, health, count: 1 })) ?? null);
  const troubles = [...troubledPeers.map(ofPeer), ...troubledAgents.map(ofAgent), ...(components ?? []).filter(isTrouble).map(ofComponent)];
  const problems = troubles.sort(worstFirst);
  const sections = { federation: counted(peers), edge: counted(agents), services };
  return {
    verdict: statusOf(sections, problems),
    sentence: sentenceOf(sections, problems),
    server_time: now,
    instance_id: instanceId,
    sections,
    problems,
  };
}

function counted(known: readonly StatusCount[] | null): SectionCount {
  const counts = known ?? [];
  const sumOf = (counted: (one: StatusCount) => boolean): number => counts.filter(counted).reduce((sum, { count }) => sum + count, 0);
  const ofHealth = (wanted: Health): number => sumOf(({ health }) => health === wanted);
  const ofStatus = (wanted: Status): number => sumOf(({ status }) => status === wanted);
  return {
    total: sumOf(() => true),
    up: ofHealth('up'),
    degraded: ofHealth('degraded'),
    down: ofHealth('down'),
    unknown: ofHealth('unknown'),
    unwatched: {
      pending: ofStatus('pending'),
      enrolled: ofStatus('enrolled'),
      suspended: ofStatus('suspended'),
      revoked: ofStatus('revoked'),
    },
    building: known === null,
  };
}

/** A thing that nobody looks at any more is a trouble of its own; one that waits for another is not. */
const isTrouble = ({ health, reason }: Component): boolean => health === 'down' || health === 'degraded' || reason === 'observer_unhealthy';

const ofPeer = (peer: Peer): ProblemEntry => ({
  kind: 'peer',
  id: peer.peer_id,
  name: peer.label,
  ...pick(peer),
  latency_ms: peer.rtt_ms,
  last_seen: peer.last_heartbeat_at,
});
const ofAgent = (agent: EdgeAgent): ProblemEntry => ({
  kind: 'edge',
  id: agent.agent_id,
  name: agent.label,
  ...pick(agent),
  latency_ms: agent.rtt_ms,
  last_seen: agent.last_heartbeat_at,
});
const ofComponent = (component: Component): ProblemEntry => ({
  kind: 'svc',
  id: component.component_id,
  name: component.name,
  ...pick(component),
  latency_ms: component.p95_ms ?? component.latency_ms,
  last_seen: component.last_good_at,
});
const pick = ({ status, health, since, reason, sentence }: Peer | EdgeAgent | Component) => ({ status, health, since, reason, sentence });

const RANK: Record<Health, number> = { down: 0, degraded: 1, unknown: 2, up: 3 };
const worstFirst = (a: ProblemEntry, b: ProblemEntry): number => RANK[a.health] - RANK[b.health] || a.since.localeCompare(b.since);

const sum = (sections: Overview['sections'], health: Health): number =>
  Object.values(sections).reduce((all, section: SectionCount) => all + section[health], 0);

function statusOf(sections: Overview['sections'], [worst]: readonly ProblemEntry[]): Health {
  if (worst !== undefined) return worst.health;
  if (buildingOf(sections).length > 0) return 'unknown'; // What is not counted yet may be down.
  return sum(sections, 'up') > 0 ? 'up' : 'unknown';
}

/** `2 problems · 41/43 healthy`; what cannot be judged is not among the 43. */
function sentenceOf(sections: Overview['sections'], problems: readonly ProblemEntry[]): string {
  const healthy = sum(sections, 'up');
  const evaluated = healthy + sum(sections, 'degraded') + sum(sections, 'down');
  const building = buildingOf(sections).map((name) => ` · ${name} being built`);
  if (problems.length > 0)
    return [`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} · ${healthy}/${evaluated} healthy`, ...building].join('');
  return evaluated === 0
    ? 'Nothing is known yet'
    : [building.length > 0 ? `${healthy} healthy` : `All ${healthy} healthy`, ...building].join('');
}

const SECTION_NAMES = { federation: 'federation peers', edge: 'edge agents', services: 'service health' } as const;

/** The sections whose read model is being built. */
const buildingOf = (sections: Overview['sections']): string[] =>
  (['federation', 'edge', 'services'] as const).filter((name) => sections[name].building).map((name) => SECTION_NAMES[name]);
