import { type EvaluatedAt, type Health, type Instant, healthOf, latestOf } from '@app/kernel';
import type { Rows } from '@app/read-store';
import { COMPONENT_KINDS } from '../../events/component-kind.js';
import { merged, quantile } from '../../histogram.js';
import { type GatewaysOfAgent, seenGatewaysOf } from '../../seen-gateways.js';
import { componentSentence } from '../../sentences.js';
import type { ComponentEntry } from './component-directory.projection.js';
import { type AgentGateway, type Component, type HistoryMinute, NAMED_GATEWAYS } from './component-directory.view.js';
import type { ComponentLatest } from './component-latest.rollup.js';
import { type ComponentMinute, minuteId, minuteOf } from './component-minute.rollup.js';

/** How far the history of a component goes back, its present minute included. */
export const HISTORY_MINUTES = 60;
const MINUTE_MS = 60_000;

const COMPONENTS = `
  SELECT c.component_id, c.kind, c.name, c.target, c.critical, c.status, c.reason, c.details, c.since, c.judged_at, c.last_good_at,
         c.next_probe_at, c.evidence, l.last_probe_at, l.probe_position, l.latency_ms, l.capability, l.version, l.last_ok_at, l.probe_due_at,
         to_jsonb(e) AS evaluated
    FROM read.component_directory c LEFT JOIN rollup.component_latest l USING (component_id)
         LEFT JOIN rollup.component_evaluated e ON e.id = c.component_id
   WHERE $1::text IS NULL OR component_id = $1
   ORDER BY array_position($2::text[], c.kind), component_id`;
const MINUTES = `SELECT id, component_id, minute, good, bad, worst, latencies FROM rollup.component_minute WHERE id = ANY ($1)`;

const SEEN = `
  SELECT agent_id, label, status, is_revoked, is_archived, gateways, position
    FROM read.seen_gateways
   WHERE NOT is_revoked AND NOT is_archived
   ORDER BY label, agent_id`;

type Row = ComponentEntry & { [Field in keyof Omit<ComponentLatest, 'component_id'>]: ComponentLatest[Field] | null } & {
  evaluated: EvaluatedAt | null;
};

/** All watched components, in the order of their kinds, with what was measured of them in the hour before `now`. */
export const listComponents = (db: Rows, now: Instant): Promise<Component[]> => componentsOf(db, null, now);

/** undefined: it is not watched. */
export const getComponent = async (db: Rows, componentId: string, now: Instant): Promise<Component | undefined> =>
  (await componentsOf(db, componentId, now))[0];

async function componentsOf(db: Rows, componentId: string | null, now: Instant): Promise<Component[]> {
  const { rows } = await db.query(COMPONENTS, [componentId, COMPONENT_KINDS]);
  const minutes = minutesBefore(now);
  const ids = (rows as Row[]).flatMap(({ component_id }) => minutes.map((minute) => minuteId(component_id, minute)));
  const found = (await db.query(MINUTES, [ids])).rows as ComponentMinute[];
  const byId = new Map(found.map((row) => [row.id, row]));
  const seen = (rows as Row[]).some(({ kind }) => kind === 'gateways') ? await agentGateways(db) : [];
  return (rows as Row[]).map((row) => componentOf(row, minutes, byId, now, row.kind === 'gateways' ? seen : []));
}

const WORST: Record<Health, number> = { down: 0, degraded: 1, unknown: 2, up: 3 };

/** The worst first, of equals by name. */
async function agentGateways(db: Rows): Promise<AgentGateway[]> {
  const { rows } = await db.query(SEEN, []);
  return seenGatewaysOf(rows as GatewaysOfAgent[])
    .map(({ name, agent_id, state, status }) => ({ name, agent_id, state, health: healthOf(status) }))
    .sort((a, b) => WORST[a.health] - WORST[b.health]);
}

const minutesBefore = (now: Instant): Instant[] => {
  const last = Date.parse(minuteOf(now));
  return Array.from({ length: HISTORY_MINUTES }, (_, i) => new Date(last - (HISTORY_MINUTES - 1 - i) * MINUTE_MS).toISOString() as Instant);
};

function componentOf(
  row: Row,
  minutes: readonly Instant[],
  byId: ReadonlyMap<string, ComponentMinute>,
  now: Instant,
  seen: readonly AgentGateway[],
): Component {
  const { details, evidence } = latestOf(row, row.evaluated);
  const rows = minutes.map((minute) => byId.get(minuteId(row.component_id, minute)));
  return {
    component_id: row.component_id,
    kind: row.kind,
    name: row.name,
    target: row.target,
    status: row.status,
    health: healthOf(row.status),
    reason: row.reason,
    sentence: componentSentence(row.reason, details, Date.parse(now)),
    details,
    since: row.since,
    last_good_at: latest(row.last_good_at, row.last_ok_at),
    next_probe_at: latest(row.next_probe_at, row.probe_due_at),
    critical: row.critical,
    latency_ms: row.latency_ms,
    p95_ms: quantile(merged(rows.flatMap((minute) => (minute === undefined ? [] : [minute.latencies]))), 0.95),
    last_probe_at: row.last_probe_at,
    capability: row.capability,
    version: row.version,
    agent_gateways_total: seen.length,
    agent_gateways: seen.slice(0, NAMED_GATEWAYS),
    history: minutes.map((minute, i) => historyOf(minute, rows[i])),
    evidence: row.probe_position === null ? [...evidence] : [...evidence, row.probe_position],
    observed: 'facts',
  };
}

const historyOf = (minute: Instant, row: ComponentMinute | undefined): HistoryMinute =>
  row === undefined ? { minute, good: 0, bad: 0, worst: 'unknown' } : { minute, good: row.good, bad: row.bad, worst: row.worst };

/** Of facts and telemetry, which are projected each at its own pace, the later word. */
const latest = (a: Instant | null, b: Instant | null): Instant | null => (a === null || (b !== null && b > a) ? b : a);
