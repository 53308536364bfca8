import type { ComponentKind } from '../events/component-kind.js';
import type { Reason } from '../events/reason.js';
import type { Gauge, Limits, Policy } from './policy.js';
import type { Answered, Finding, Reading } from './reading.js';
import type { Entry, Grounds } from './standing.js';

/** Why a component is what it is. */
export interface Cause {
  readonly reason: Reason;
  readonly sentence: string;
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
    return { reason: reading.reason, sentence: `${failures} probes in a row failed: ${reading.detail}`, grounds: newest(failures) };
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

/** The fault of others. */
export const dependencyDown = (parents: readonly string[]): Cause => ({
  reason: 'dependency_down',
  sentence: `Cannot be judged while ${parents.join(' and ')} ${parents.length > 1 ? 'are' : 'is'} down.`,
  grounds: { probes: 0, components: parents },
});

const failuresIn = (window: readonly Entry[]): number => window.filter(({ ok }) => !ok).length;
const newest = (probes: number): Grounds => ({ probes, components: [] });

function findingOf(reading: Answered, colour: Finding['colour']): Cause | undefined {
  const finding = reading.findings.find((one) => one.colour === colour);
  return finding && { reason: finding.reason, sentence: finding.detail, grounds: newest(1) };
}

function failureCause({ reading, window }: Evaluation, { failureWindow }: Policy): Cause {
  const last = reading.ok ? '.' : `: ${reading.detail}`;
  return {
    reason: 'error_rate',
    sentence: `${failuresIn(window)} of the last ${failureWindow} probes failed${last}`,
    grounds: newest(window.length),
  };
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const ms = (value: number): string => `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ms`;
const seconds = (value: number): string => `${Math.round(value / 1000)} s`;

/** Each limit in the closed list of reasons, and in words. */
const WORDS: Record<Gauge, { reason: Reason; says: (value: number, limit: number, of: string | undefined) => string }> = {
  p95_ms: { reason: 'slow', says: (value, limit) => `Slow: p95 of the last probes is ${ms(value)}, the limit ${ms(limit)}.` },
  event_loop_ms: { reason: 'slow', says: (value, limit) => `Its event loop is ${ms(value)} late, the limit is ${ms(limit)}.` },
  connections: {
    reason: 'queue_backlog',
    says: (value, limit) => `${percent(value)} of its connections are taken, the limit is ${percent(limit)}.`,
  },
  memory: { reason: 'queue_backlog', says: (value, limit) => `${percent(value)} of its memory is taken, the limit is ${percent(limit)}.` },
  storage: {
    reason: 'queue_backlog',
    says: (value, limit, of) => `${of ?? 'Its store'} is ${percent(value)} full, the limit is ${percent(limit)}.`,
  },
  lag_ms: {
    reason: 'queue_backlog',
    says: (value, limit, of) => `${of ?? 'A projection'} is ${seconds(value)} behind the log, the limit is ${seconds(limit)}.`,
  },
  stalled_ms: {
    reason: 'sync_stale',
    says: (value, _limit, of) => `${of ?? 'A projection'} is behind the log and has not moved for ${seconds(value)}.`,
  },
  starting_ms: {
    reason: 'starting',
    says: (value, limit) => `Still starting after ${seconds(value)}; ${seconds(limit)} should be enough.`,
  },
};

function limitCause(exceeded: Value | undefined, limits: Limits, { latencyWindow }: Policy): Cause | undefined {
  if (exceeded === undefined) return undefined;
  const { gauge, value, of } = exceeded;
  const { reason, says } = WORDS[gauge];
  return { reason, sentence: says(value, limits[gauge] ?? Infinity, of), grounds: newest(gauge === 'p95_ms' ? latencyWindow : 1) };
}
