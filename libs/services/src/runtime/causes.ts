import type { Details } from '@app/kernel';
import type { ComponentKind } from '../events/component-kind.js';
import type { Reason } from '../events/reason.js';
import type { Gauge, Limits, Policy } from './policy.js';
import { type Answered, type Finding, type Reading, detailsOf } from './reading.js';
import type { Entry, Grounds } from './standing.js';

/** Why a component is what it is. */
export interface Cause {
  readonly reason: Reason;
  /** What its sentence is made of. */
  readonly details: Details;
  readonly grounds: Grounds;
}

/** Everything one evaluation knows. */
export interface Evaluation {
  readonly kind: ComponentKind;
  readonly reading: Reading;
  /** With this probe as its newest. */
  readonly window: readonly Entry[];
  readonly failures: number;
  /** For how long every probe found it starting; 0: this one did not. */
  readonly startingMs: number;
}

interface Value {
  readonly gauge: Gauge;
  readonly value: number;
  readonly of?: string;
}

/** Shares are reached, milliseconds exceeded. */
const over = (gauge: Gauge, value: number, limit: number): boolean => (gauge.endsWith('_ms') ? value > limit : value >= limit);
const firstOver = (values: readonly Value[], limits: Limits): Value | undefined =>
  values.find(({ gauge, value }) => over(gauge, value, limits[gauge] ?? Infinity));

export const p95 = (latencies: readonly number[]): number | undefined =>
  latencies.toSorted((a, b) => a - b)[Math.ceil(0.95 * latencies.length) - 1];

function valuesOf({ reading, window, startingMs }: Evaluation, policy: Policy): Value[] {
  const latencies = window.slice(-policy.latencyWindow).flatMap(({ latencyMs }) => latencyMs ?? []);
  const slow = p95(latencies);
  return [
    ...(reading.ok ? reading.measured : []),
    ...(startingMs > 0 ? [{ gauge: 'starting_ms' as const, value: startingMs }] : []),
    ...(slow === undefined ? [] : [{ gauge: 'p95_ms' as const, value: slow }]),
  ];
}

/**
 * Whether this probe is above an amber limit by its own doing. One slow probe stays in the p95 of the eight that follow; were
 * it counted in each of them, one would be as bad as two.
 */
export function isBreach(reading: Answered, kind: ComponentKind, policy: Policy): boolean {
  const own = reading.latencyMs === null ? [] : [{ gauge: 'p95_ms' as const, value: reading.latencyMs }];
  return firstOver([...reading.measured, ...own], policy.kinds[kind].amber) !== undefined;
}

/** Red at once, or after enough failures in a row. */
export function redCause(seen: Evaluation, policy: Policy): Cause | undefined {
  const { reading, failures, kind } = seen;
  const { failuresToRed, red } = policy.kinds[kind];
  if (!reading.ok) {
    if (failures < failuresToRed) return undefined;
    return { reason: reading.reason, details: { failures, said: reading.detail }, grounds: newest(failures) };
  }
  return findingOf(reading, 'red') ?? limitCause(firstOver(valuesOf(seen, policy), red), red, policy);
}

/** Amber at once, after enough failures among the last, or after enough breaches. */
export function amberCause(seen: Evaluation, policy: Policy): Cause | undefined {
  const { reading, window, kind } = seen;
  const { amber } = policy.kinds[kind];
  const finding = reading.ok ? findingOf(reading, 'amber') : undefined;
  if (finding !== undefined) return finding;
  if (failuresIn(window) >= policy.failuresToAmber * policy.failureWindow) return failureCause(seen, policy);
  const recent = window.slice(-policy.latencyWindow);
  if (recent.filter(({ breach }) => breach).length < policy.breachesToAmber) return undefined;
  return limitCause(firstOver(valuesOf(seen, policy), amber), amber, policy);
}

/** Well below every limit. */
export function isCalm(seen: Evaluation, policy: Policy): boolean {
  const { reading, window, kind } = seen;
  if (!reading.ok || reading.findings.length > 0) return false;
  const { amber } = policy.kinds[kind];
  const quiet = ({ gauge, value }: Value): boolean => value < policy.calmBelow * (amber[gauge] ?? Infinity);
  return failuresIn(window) < policy.calmBelow * policy.failuresToAmber * policy.failureWindow && valuesOf(seen, policy).every(quiet);
}

/** Red for the reason that a store is full: it answers, and is not down. */
export const isFull = ({ reason }: { readonly reason: Reason | null }): boolean => reason === REASON.storage;

/** The fault of others; `full`: those of them that are red since a store is full. */
export const dependencyDown = (parents: readonly string[], full: readonly string[]): Cause => ({
  reason: 'dependency_down',
  details: full.length === 0 ? { parents } : { parents, full },
  grounds: { probes: 0, components: parents },
});

const failuresIn = (window: readonly Entry[]): number => window.filter(({ ok }) => !ok).length;
const newest = (probes: number): Grounds => ({ probes, components: [] });

function findingOf(reading: Answered, colour: Finding['colour']): Cause | undefined {
  const finding = reading.findings.find((one) => one.colour === colour);
  return finding && { reason: finding.reason, details: detailsOf(finding), grounds: newest(1) };
}

function failureCause({ reading, window }: Evaluation, { failureWindow }: Policy): Cause {
  const said = reading.ok ? {} : { said: reading.detail };
  return {
    reason: 'error_rate',
    details: { failed: failuresIn(window), probes: failureWindow, ...said },
    grounds: newest(window.length),
  };
}

/** The reason of each limit. */
const REASON: Record<Gauge, Reason> = {
  p95_ms: 'slow',
  event_loop_ms: 'slow',
  connections: 'queue_backlog',
  memory: 'queue_backlog',
  storage: 'queue_backlog',
  lag_ms: 'queue_backlog',
  stalled_ms: 'sync_stale',
  starting_ms: 'starting',
};

function limitCause(exceeded: Value | undefined, limits: Limits, { latencyWindow }: Policy): Cause | undefined {
  if (exceeded === undefined) return undefined;
  const { gauge, value, of } = exceeded;
  const details = { gauge, value: Math.round(value * 100) / 100, limit: limits[gauge] ?? null, ...(of === undefined ? {} : { of }) };
  return { reason: REASON[gauge], details, grounds: newest(gauge === 'p95_ms' ? latencyWindow : 1) };
}
