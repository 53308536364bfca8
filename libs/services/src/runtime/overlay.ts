import { type Details, type Health, type Instant, healthOf, plainDetails } from '@app/kernel';
import type { ComponentStatus } from '../events/component-status.js';
import type { Reason } from '../events/reason.js';
import type { Component } from '../read/component-directory/component-directory.view.js';
import { componentSentence } from '../sentences.js';
import { dependencyDown, isFull } from './causes.js';
import type { Policy } from './policy.js';
import type { EvaluatedStatus } from './evaluation-state.js';

/** What somebody beside the prober sees of a component now. Times are milliseconds since 1970. */
export interface LiveView {
  readonly evaluated: EvaluatedStatus;
  readonly latencyMs: number | null;
  readonly version: string | null;
  /** null: not probed yet. */
  readonly probedAtMs: number | null;
  readonly nextProbeAtMs: number;
}

/** Without these two no verdict reaches the reader: the log must keep it, and PostgreSQL must show it. */
const CARRIERS = ['nats', 'postgresql'];

/**
 * What is read, corrected by what is seen. In three cases the read model cannot know better:
 *
 *   - the log or PostgreSQL is down, or not for long up again: what is seen live replaces what is read, and what depends on a
 *     component that is down is grey;
 *   - nobody probes any more: a component whose last probe is three intervals old is unknown, whatever it was;
 *   - the read models stand still: what says so may itself be one of them, so of the two views of `projections` the worse one is shown.
 *
 * In all others the facts stand as they are: two observers that both judge would sooner or later disagree.
 */
export function overlay(components: readonly Component[], live: ReadonlyMap<string, LiveView>, nowMs: number, policy: Policy): Component[] {
  const isOut = (id: string): boolean => ['red', 'recovering'].includes(live.get(id)?.evaluated.status ?? '');
  const isDown = (id: string): boolean => live.get(id)?.evaluated.status === 'red';
  const isBehind = isOut('nats') || (isOut('postgresql') && !isDown('postgresql')); // What was probed meanwhile was lost, or is on its way.
  const facts = (one: Component): Component => (isBehind ? one : unlessStale(one, nowMs, isDown('postgresql'), policy));
  if (!CARRIERS.some(isOut)) return components.map((one) => worseOf(facts(one), live.get(one.component_id), nowMs));
  return components.map((one) => {
    const observed = live.get(one.component_id);
    if (observed !== undefined && observed.evaluated.status !== 'unknown') return replaced(one, observed, nowMs);
    const parents = policy.kinds[one.kind].dependsOn.filter(isDown);
    return parents.length > 0 ? greyed(one, parents, live, nowMs) : facts(one);
  });
}

const RANK: Record<Health, number> = { up: 0, unknown: 0, degraded: 1, down: 2 };

const worseOf = (one: Component, observation: LiveView | undefined, nowMs: number): Component =>
  one.kind === 'projections' && observation !== undefined && RANK[healthOf(observation.evaluated.status)] > RANK[one.health]
    ? replaced(one, observation, nowMs)
    : one;

const replaced = (one: Component, { evaluated, latencyMs, version, probedAtMs, nextProbeAtMs }: LiveView, nowMs: number): Component => ({
  ...stated(one, evaluated.status),
  ...told(evaluated.reason, evaluated.details, nowMs),
  since: instant(evaluated.sinceMs),
  last_good_at: evaluated.lastGoodMs === null ? one.last_good_at : instant(evaluated.lastGoodMs),
  next_probe_at: instant(nextProbeAtMs),
  latency_ms: latencyMs,
  version: version ?? one.version,
  last_probe_at: probedAtMs === null ? one.last_probe_at : instant(probedAtMs),
  evidence: [],
  observed: 'live',
});

const greyed = (one: Component, parents: readonly string[], live: ReadonlyMap<string, LiveView>, nowMs: number): Component => {
  const full = parents.filter((id) => isFull(live.get(id)?.evaluated ?? { reason: null }));
  const { reason, details } = dependencyDown(parents, full);
  return {
    ...stated(one, 'unknown'),
    ...told(reason, details, nowMs),
    since: instant(Math.min(...parents.map((id) => live.get(id)?.evaluated.sinceMs ?? Infinity))),
    evidence: [],
    observed: 'live',
  };
};

function unlessStale(one: Component, nowMs: number, unreadable: boolean, policy: Policy): Component {
  const graceMs = policy.unknownAfterIntervals * policy.kinds[one.kind].intervalMs;
  const lastProbeMs = one.last_probe_at === null ? null : Date.parse(one.last_probe_at);
  if (one.status === 'unknown' || lastProbeMs === null || nowMs - lastProbeMs <= graceMs) return one;
  const why = unreadable ? { unreadable } : { silent: true };
  return {
    ...stated(one, 'unknown'),
    ...told('observer_unhealthy', { probed_at: one.last_probe_at, ...why }, nowMs),
    since: instant(lastProbeMs + graceMs),
    next_probe_at: null,
    observed: 'live',
  };
}

/** A reason with its details, and the sentence that is made of both. */
export function told(reason: Reason | null, details: Details, nowMs: number): Pick<Component, 'reason' | 'details' | 'sentence'> {
  const plain = plainDetails(details);
  return { reason, details: plain, sentence: componentSentence(reason, plain, nowMs) };
}

const stated = (one: Component, status: ComponentStatus): Component => ({ ...one, status, health: healthOf(status) });
const instant = (ms: number): Instant => new Date(ms).toISOString() as Instant;
