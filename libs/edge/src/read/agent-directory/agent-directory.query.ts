import { type EvaluatedAt, type Instant, type StatusCount, latestOf } from '@app/kernel';
import { type Rows, containing } from '@app/read-store';
import { gatewayHealth } from '../../events/gateway-state.js';
import type { DayUse, DayUseV1 } from '../../events/day-use.js';
import { detailsNow } from '../../runtime/details-now.js';
import { TIER_LIMITS } from '../../tunnel.frames.js';
import { agentSentence } from '../../agent-sentences.js';
import type { AgentEntry } from './agent-directory.projection.js';
import { CURSOR, type DayCost, type EdgeAgent, type EdgeAgentListQuery, type Gateway, type HostLoad } from './agent-directory.view.js';
import type { AgentRejections } from './agent-rejections.rollup.js';
import { rejectionSentence } from './rejection-sentence.js';
import type { AgentLatest } from './agent-latest.rollup.js';
import type { KnownGateway } from './known-gateway.js';

const SELECT = `
  SELECT d.agent_id, d.label, d.hostname, d.lifecycle, d.status, d.health, d.reason, d.details, d.since, d.judged_at, d.version, d.os,
         d.started_at, d.connected_at, l.last_heartbeat_at, l.last_sync_at, l.rtt_ms, l.heartbeat_position, d.expected_back_at, d.held_at,
         d.archived_at, d.ephemeral, d.enrolled_at, d.enrolled_by, d.join_token_id, d.key_fingerprint, d.gateways, d.synced_at, d.cpu_ratio,
         d.mem_ratio, d.disk_ratio, l.gauges, l.gauges_at, d.cost, d.cost_at, l.last_cost, l.last_cost_at, d.evidence,
         r.rejected_count, r.rejected_reason, r.rejected_address, r.rejected_at, to_jsonb(e) AS evaluated
    FROM read.agent_directory d LEFT JOIN rollup.agent_latest l USING (agent_id) LEFT JOIN rollup.agent_rejections r USING (agent_id)
    LEFT JOIN rollup.agent_evaluated e ON e.id = d.agent_id`;

const GET_AGENT = `${SELECT}
   WHERE agent_id = $1`;

const isInUse = (row: string): string => `(${row}.archived_at IS NULL AND ${row}.lifecycle <> 'revoked')`;

// Oldest first: neither ever changes, so that no page repeats or skips one.
const LIST_AGENTS = `${SELECT}
   WHERE ($1::text IS NULL OR d.status = $1)
     AND ($2::text IS NULL OR d.label ILIKE $2 OR d.hostname ILIKE $2 OR agent_id ILIKE $2)
     AND ($3::text IS NULL OR d.join_token_id = $3)
     AND ($4::text IS NULL OR d.label = $4)
     AND ($5 = 'include' OR ($5 = 'only') = (d.archived_at IS NOT NULL))
     AND (NOT $6 OR ${isInUse('d')} OR NOT EXISTS (SELECT FROM read.agent_directory o WHERE o.label = $4 AND ${isInUse('o')}))
     AND ($7::text IS NULL OR (d.enrolled_at, agent_id) > ($7, $8))
   ORDER BY d.enrolled_at, agent_id
   LIMIT $9`;

const COUNT_AGENTS = `
  SELECT status, health, count(*)::int AS count
    FROM read.agent_directory
   WHERE archived_at IS NULL
   GROUP BY status, health
   ORDER BY status, health`;

// More than a page of trouble is one trouble; the counts say how much there is.
const TROUBLED_AGENTS = `${SELECT}
   WHERE d.health IN ('degraded', 'down') AND d.archived_at IS NULL
   ORDER BY d.since, agent_id
   LIMIT 200`;

type Measured = Omit<AgentLatest & AgentRejections, 'agent_id'>;
type Row = AgentEntry & { [Field in keyof Measured]: Measured[Field] | null } & { readonly evaluated: EvaluatedAt | null };

export interface EdgeAgentPage {
  readonly agents: EdgeAgent[];
  /** Where the next page starts; null: this was the last. */
  readonly next_cursor: string | null;
}

export async function getAgent(db: Rows, agentId: string): Promise<EdgeAgent | null> {
  const [row] = (await db.query(GET_AGENT, [agentId])).rows as Row[];
  return row === undefined ? null : agentOf(row);
}

export async function listAgents(db: Rows, query: EdgeAgentListQuery): Promise<EdgeAgentPage> {
  const { status = null, q, join_token_id = null, label = null, limit, cursor } = query;
  const archived = query.archived ?? (label === null ? 'exclude' : 'include');
  const from = CURSOR.exec(cursor ?? '')?.groups;
  const after = [from?.['enrolled_at'] ?? null, from?.['agent_id'] ?? null];
  const isLiveFirst = label !== null && query.archived === undefined;
  const wanted = [status, q === undefined ? null : containing(q), join_token_id, label, archived, isLiveFirst];
  const { rows } = await db.query(LIST_AGENTS, [...wanted, ...after, limit + 1]); // One more tells whether there is a next page.
  const agents = (rows as Row[]).slice(0, limit).map(agentOf);
  const last = agents.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { agents, next_cursor: more ? `${last.enrolled_at}~${last.agent_id}` : null };
}

/** Counts agents by status. A status that no agent has is absent. */
export async function countAgents(db: Rows): Promise<StatusCount[]> {
  return (await db.query(COUNT_AGENTS, [])).rows as StatusCount[];
}

/** Those that are degraded or down, the longest first. */
export async function troubledAgents(db: Rows): Promise<EdgeAgent[]> {
  return ((await db.query(TROUBLED_AGENTS, [])).rows as Row[]).map(agentOf);
}

function agentOf(row: Row): EdgeAgent {
  const syncedAt = latest(row.synced_at, row.last_sync_at);
  const cost = costOf(row);
  const gateways = gatewaysOf(row).map((gateway) => gatewayOf(gateway, syncedAt));
  const host = hostOf(row);
  const { details: evaluated, evidence } = latestOf(row, row.evaluated);
  const details = detailsNow({ reason: row.reason, details: evaluated, gateways, diskRatio: host?.disk_ratio ?? null });
  return {
    agent_id: row.agent_id,
    label: row.label,
    hostname: row.hostname,
    lifecycle: row.lifecycle,
    status: row.status,
    health: row.health,
    reason: row.reason,
    sentence: agentSentence(row.reason, { ...details, last_sync_at: syncedAt, connected_at: row.connected_at }, Date.now()),
    details,
    since: row.since,
    version: row.version,
    os: row.os,
    started_at: row.started_at,
    connected_at: row.connected_at,
    last_heartbeat_at: row.last_heartbeat_at,
    last_sync_at: syncedAt,
    rtt_ms: row.rtt_ms,
    expected_back_at: row.expected_back_at,
    held_at: row.held_at,
    archived_at: row.archived_at,
    ephemeral: row.ephemeral,
    enrolled_at: row.enrolled_at,
    enrolled_by: row.enrolled_by,
    join_token_id: row.join_token_id,
    key_fingerprint: row.key_fingerprint,
    rejected: rejectedOf(row),
    gateways,
    host,
    cost,
    evidence: [...new Set([...evidence, ...(row.heartbeat_position === null ? [] : [row.heartbeat_position])])],
  };
}

function rejectedOf({ rejected_count: count, rejected_reason: reason, rejected_address: address, rejected_at: last_at }: Row) {
  return count === null || reason === null || last_at === null
    ? null
    : { count, reason, sentence: rejectionSentence(reason, address), address, last_at };
}

/** Which gateways there are, and how they are, facts say; their numbers are telemetry's, where that is the later word. */
function gatewaysOf({ gateways, synced_at, gauges, gauges_at }: Row): KnownGateway[] {
  if (gauges === null || latest(synced_at, gauges_at) === synced_at) return gateways;
  const moved = new Map(gauges.gateways.map((gateway) => [gateway.name, gateway]));
  return gateways.map((gateway) => ({ ...gateway, ...moved.get(gateway.name) }));
}

/** Of fact and telemetry the later word; null: none says anything. */
function hostOf({ synced_at, gauges, gauges_at, ...fact }: Row): HostLoad | null {
  const at = latest(synced_at, gauges_at);
  const { cpu_ratio, mem_ratio, disk_ratio } = gauges === null || at === synced_at ? fact : gauges;
  if (at === null || (cpu_ratio === null && mem_ratio === null && disk_ratio === null)) return null;
  return { cpu_ratio, mem_ratio, disk_ratio, at };
}

/** Of fact and telemetry the one of the later day; of one day the later word. */
function lastCostOf({ cost, cost_at, last_cost, last_cost_at }: Row): DayUseV1 | DayUse | null {
  if (cost === null || last_cost === null) return cost ?? last_cost;
  if (cost.day !== last_cost.day) return cost.day > last_cost.day ? cost : last_cost;
  return latest(cost_at, last_cost_at) === cost_at ? cost : last_cost;
}

/** A row that a release of before wrote does not tell the agents of a gateway apart. */
function costOf(row: Row): DayCost | null {
  const cost = lastCostOf(row);
  return cost && { ...cost, by_model: [...cost.by_model], by_agent: 'by_agent' in cost ? [...cost.by_agent] : [] };
}

/** Facts say when a gateway started, since that stays; an uptime is of the moment when the agent last spoke of it. */
function gatewayOf({ started_at, ...gateway }: KnownGateway, syncedAt: Instant | null): Gateway {
  const at = gateway.known_at ?? syncedAt;
  const uptime_ms = started_at === null || at === null ? null : Math.max(0, Date.parse(at) - Date.parse(started_at));
  const tier_advice = gateway.tier_limit === null ? null : TIER_LIMITS[gateway.tier_limit];
  return { ...gateway, channels: [...gateway.channels], uptime_ms, tier_advice, health: gatewayHealth(gateway) };
}

/** Of facts and telemetry, which are projected each at its own pace, the later word. */
const latest = (a: Instant | null, b: Instant | null): Instant | null => (a === null || (b !== null && b > a) ? b : a);
