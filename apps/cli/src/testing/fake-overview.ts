import type { Component, EdgeAgent, Health, OverviewItem } from '../contract.js';

/** What the overview says of one section. */
export const countsOf = (items: readonly { health: Health }[]): Record<Health | 'total', number> => {
  const count = (health: Health) => items.filter((one) => one.health === health).length;
  return { total: items.length, up: count('up'), degraded: count('degraded'), down: count('down'), unknown: count('unknown') };
};

export const itemOfComponent = (one: Component): OverviewItem => ({
  kind: 'svc',
  id: one.component_id,
  name: one.name,
  status: one.status,
  health: one.health,
  since: one.since,
  reason: one.reason,
  sentence: one.sentence,
  latency_ms: one.latency_ms,
  last_seen: one.last_good_at,
});

export const itemOfAgent = (one: EdgeAgent): OverviewItem => ({
  kind: 'edge',
  id: one.agent_id,
  name: one.label,
  status: one.status,
  health: one.health,
  since: one.since,
  reason: one.reason,
  sentence: one.sentence,
  latency_ms: one.rtt_ms,
  last_seen: one.last_heartbeat_at,
});
