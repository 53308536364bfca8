import type { Details } from '@app/kernel';
import type { ComponentKind } from '../events/component-kind.js';
import type { Reason } from '../events/reason.js';
import type { Gauge, Limits, Policy } from './policy.js';
import { type Answered, type Finding, type ProbeResult, detailsOf } from './probe-result.js';
import type { Entry, Evidence } from './evaluation-state.js';

/** Why a component is what it is. */
export interface Cause {
  readonly reason: Reason;
  /** What its sentence is made of. */
  readonly details: Details;
  readonly evidence: Evidence;
}

/** Everything one evaluation knows. */
export interface EvaluationInput {
  readonly kind: ComponentKind;
  readonly result: ProbeResult;
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

function valuesOf({ result, window, startingMs }: EvaluationInput, policy: Policy): Value[] {
  const latencies = window.slice(-policy.latencyWindow).flatMap(({ latencyMs }) => latencyMs ?? []);
  const slow = p95(latencies);
  return [
    ...(result.ok ? result.measured : []),
    ...(startingMs > 0 ? [{ gauge: 'starting_ms' as const, value: startingMs }] : []),
    ...(slow === undefined ? [] : [{ gauge: 'p95_ms' as const, value: slow }]),
  ];
}

/**
 * Whether this probe is above an amber limit by its own doing. One slow probe stays in the p95 of the eight that follow; were
 * it counted in each of them, one would be as bad as two.
 */
export function isBreach(probeResult: Answered, kind: ComponentKind, policy: Policy): boolean {
  const own = probeResult.latencyMs === null ? [] : [{ gauge: 'p95_ms' as const, value: probeResult.latencyMs }];
  return firstOver([...probeResult.measured, ...own], policy.kinds[kind].amber) !== undefined;
}

/** Red at once, or after enough failures in a row. */
export function redCause(observed: EvaluationInput, policy: Policy): Cause | undefined {
  const { result, failures, kind } = observed;
  const { failuresToRed, red } = policy.kinds[kind];
  if (!result.ok) {
    if (failures < failuresToRed) return undefined;
    return { reason: result.reason, details: { failures, said: result.detail }, evidence: newest(failures) };
  }
  return findingOf(result, 'red') ?? limitCause(firstOver(valuesOf(observed, policy), red), red, policy);
}

/** Amber at once, after enough failures among the last, or after enough breaches. */
export function amberCause(observation: EvaluationInput, policy: Policy): Cause | undefined {
  const { result, window, kind } = observation;
  const { amber } = policy.kinds[kind];
  const finding = result.ok ? findingOf(result, 'amber') : undefined;
  if (finding !== undefined) return finding;
  if (failuresIn(window) >= policy.failuresToAmber * policy.failureWindow) return failureCause(observation, policy);
  const recent = window.slice(-policy.latencyWindow);
  if (recent.filter(({ breach }) => breach).length < policy.breachesToAmber) return undefined;
  return limitCause(firstOver(valuesOf(observation, policy), amber), amber, policy);
}

/** Well below every limit. */
export function isCalm(observed: EvaluationInput, policy: Policy): boolean {
  const { result, window, kind } = observed;
  if (!result.ok || result.findings.length > 0) return false;
  const { amber } = policy.kinds[kind];
  const quiet = ({ gauge, value }: Value): boolean => value < policy.calmBelow * (amber[gauge] ?? Infinity);
  return failuresIn(window) < policy.calmBelow * policy.failuresToAmber * policy.failureWindow && valuesOf(observed, policy).every(quiet);
}

/** Red for the reason that a store is full: it answers, and is not down. */
export const isFull = ({ reason }: { readonly reason: Reason | null }): boolean => reason === REASON.storage;

/** The fault of others; `full`: those of them that are red since a store is full. */
export const dependencyDown = (parents: readonly string[], full: readonly string[]): Cause => ({
  reason: 'dependency_down',
  details: full.length === 0 ? { parents } : { parents, full },
  evidence: { probes: 0, components: parents },
});

const failuresIn = (window: readonly Entry[]): number => window.filter(({ ok }) => !ok).length;
const newest = (probes: number): Evidence => ({ probes, components: [] });

function findingOf(result: Answered, colour: Finding['colour']): Cause | undefined {
  const finding = result.findings.find((one) => one.colour === colour);
  return finding && { reason: finding.reason, details: detailsOf(finding), evidence: newest(1) };
}

function failureCause({ result, window }: EvaluationInput, { failureWindow }: Policy): Cause {
  const said = result.ok ? {} : { said: result.detail };
  return {
    reason: 'error_rate',
    details: { failed: failuresIn(window), probes: failureWindow, ...said },
    evidence: newest(window.length),
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
  return { reason: REASON[gauge], details, evidence: newest(gauge === 'p95_ms' ? latencyWindow : 1) };
}
