import { type FlapPolicy, evaluatedAs, flappingDetails } from '@app/kernel';
import type { ComponentKind } from '../events/component-kind.js';
import { type Cause, type EvaluationInput, amberCause, dependencyDown, isBreach, isCalm, redCause } from './causes.js';
import type { Policy } from './policy.js';
import type { ProbeResult } from './probe-result.js';
import type { Entry, Evidence, StatusFinding, Memory, EvaluationState, EvaluatedStatus } from './evaluation-state.js';

/** What there is to judge by, at one moment. */
export interface Observation {
  readonly kind: ComponentKind;
  /** What a probe brought back; null: nothing new, only time has passed. */
  readonly result: ProbeResult | null;
  /** Those of the components it depends on that are red. */
  readonly redParents: readonly string[];
  /** Those of them that are red since a store is full; absent: none. */
  readonly fullParents?: readonly string[];
  /** Too much began to fail with it for all of it to be true: see `isCorrelatedFailure`. */
  readonly isCorrelated: boolean;
}

/**
 * What a component is: the only place that says so. It is in one of five states.
 *
 *   unknown     nobody could look, which is nobody's fault: never probed, not probed for three intervals, or what it depends on
 *               is red. Grey, and not downtime.
 *               -> green at the first good probe, since that is evidence inside the window; -> amber when that probe itself
 *               found an amber fault; -> red as any other.
 *   green       -> amber by an amber finding at once (no thresholds: "starting"), by two breaches of a limit among the last eight
 *               probes, or when 20 % of the last ten probes failed; -> red after three failures in a row (two for gateways; looked
 *               at again after 2 and 4 s), or at once by a red finding or a red limit.
 *   amber       -> green after four evaluations in a row without a finding and below 0.8 of every limit; -> red as from green.
 *   red         -> recovering after two good probes in a row. Latency alone never leads here; a timeout is a failure and does.
 *   recovering  -> green after 60 s without failure or breach; -> amber and red as from green.
 *
 * Any of them -> unknown when a component it depends on turns red, or after three intervals without a result: from there it is
 * judged afresh, so that the fault of another leaves no trace in it.
 *
 * For 30 s after the observer began, latency is not held against anything.
 *
 * What is *said* differs from this in two cases. While the observer is suspect (`isCorrelatedFailure`), what just began to fail is
 * unknown. And while the state changes too often (`evaluatedAs`), it is amber, flapping, until it has been red for
 * four intervals: that is an outage. The reason of an unchanged status is replaced when the new one was seen twice in a row. While the
 * reason stays, details and grounds are those of the latest evaluation.
 */
export function deriveStatus(before: EvaluationState, observed: Observation, nowMs: number, policy: Policy): EvaluationState {
  const memory = evaluated(before.memory, observed, nowMs, policy);
  const now = shown(memory, observed);
  if (memory === before.memory && now.status === before.evaluated.status) return before; // Time has passed and changed nothing.
  return said(before, memory, now, nowMs);
}

function evaluated(memory: Memory, { kind, result, redParents, fullParents = [] }: Observation, nowMs: number, policy: Policy): Memory {
  if (redParents.length > 0) return { ...forgotten(memory, dependencyDown(redParents, fullParents)), lastResultMs: nowMs };
  if (result !== null) return afterProbe(memory, kind, result, nowMs, policy);
  const deadlineMs = memory.lastResultMs + policy.unknownAfterIntervals * policy.kinds[kind].intervalMs;
  const hasBeenProbed = memory.evaluation.reason !== 'never_connected';
  return nowMs >= deadlineMs && hasBeenProbed ? forgotten(memory, notLooked(memory.lastResultMs)) : memory;
}

function afterProbe(memory: Memory, kind: ComponentKind, probeResult: ProbeResult, nowMs: number, policy: Policy): Memory {
  const failures = probeResult.ok ? 0 : memory.failures + 1;
  const startingSinceMs = isStarting(probeResult) ? (memory.startingSinceMs ?? nowMs) : null;
  const evaluation = nowMs - memory.beganMs < policy.firstSightMs ? untimed(probeResult) : probeResult;
  const entry: Entry = {
    ok: evaluation.ok,
    latencyMs: evaluation.ok ? evaluation.latencyMs : null,
    breach: evaluation.ok && isBreach(evaluation, kind, policy),
  };
  const window = [...memory.window, entry].slice(-policy.failureWindow);
  const observation = { kind, result: probeResult, window, failures, startingMs: nowMs - (startingSinceMs ?? nowMs) };
  const red = redCause(observation, policy);
  const isGood = probeResult.ok && red === undefined;
  const counted: Memory = {
    ...memory,
    window,
    failures,
    failingSinceMs: probeResult.ok ? null : (memory.failingSinceMs ?? nowMs),
    good: isGood ? memory.good + 1 : 0,
    calm: isCalm(observation, policy) ? memory.calm + 1 : 0,
    cleanSinceMs: isGood && !entry.breach ? memory.cleanSinceMs : nowMs,
    startingSinceMs,
    lastResultMs: nowMs,
  };
  return moved(counted, red, observation, nowMs, policy);
}

/** At first sight a slow answer says more of new connections and cold caches than of the component. */
const untimed = (result: ProbeResult): ProbeResult => (result.ok ? { ...result, latencyMs: null } : result);

/** The transitions, as told above. */
function moved(memory: Memory, red: Cause | undefined, observed: EvaluationInput, nowMs: number, policy: Policy): Memory {
  const { evaluation, window } = memory;
  const flap = flapPolicyOf(observed.kind, policy);
  switch (evaluation.status) {
    case 'unknown': {
      if (red !== undefined) return turned(memory, 'red', red, nowMs, flap);
      if (!observed.result.ok) return memory;
      const amber = amberCause({ ...observed, window: window.slice(-1) }, policy);
      return turned({ ...memory, window: window.slice(-1) }, amber ? 'amber' : 'green', amber ?? allWell, nowMs, flap);
    }
    case 'red': {
      const { goodToRecover } = policy;
      if (memory.good < goodToRecover) return turned(memory, 'red', red ?? evaluation, nowMs, flap);
      const fresh = { ...memory, window: window.slice(-goodToRecover), cleanSinceMs: nowMs };
      return turned(fresh, 'recovering', recovering(evaluation, policy), nowMs, flap);
    }
    case 'green':
    case 'amber':
    case 'recovering': {
      if (red !== undefined) return turned(memory, 'red', red, nowMs, flap);
      const amber = amberCause(observed, policy);
      if (amber !== undefined) return turned(memory, 'amber', amber, nowMs, flap);
      const isStillAmber = evaluation.status === 'amber' && memory.calm < policy.calmEvaluations;
      const isStillRecovering = evaluation.status === 'recovering' && nowMs - memory.cleanSinceMs < policy.cleanMs;
      if (isStillAmber) return turned(memory, 'amber', calming(evaluation, memory, policy), nowMs, flap);
      if (isStillRecovering) return turned(memory, 'recovering', evaluation, nowMs, flap);
      return turned(memory, 'green', allWell, nowMs, flap);
    }
  }
}

/** Down is red, and an outage is measured in the intervals at which the kind is probed. */
const flapPolicyOf = (kind: ComponentKind, { flap, kinds, outageIntervals }: Policy): FlapPolicy => ({
  ...flap,
  down: ['red'],
  outageMs: outageIntervals * kinds[kind].intervalMs,
});

type Why = Omit<StatusFinding, 'status'>;

function turned(
  memory: Memory,
  status: StatusFinding['status'],
  { reason, details, evidence }: Why,
  nowMs: number,
  flap: FlapPolicy,
): Memory {
  return { ...memory, evaluation: { status, reason, details, evidence }, flap: evaluatedAs(memory.flap, status, nowMs, flap) };
}

/** EvaluationInput afresh from here; what it had been before, and when it was last good, is kept. */
const forgotten = (memory: Memory, why: Why): Memory => ({
  ...memory,
  evaluation: { status: 'unknown', ...why },
  failures: 0,
  failingSinceMs: null,
  good: 0,
  calm: 0,
  startingSinceMs: null,
});

const isStarting = (result: ProbeResult): boolean => result.ok && result.findings.some(({ reason }) => reason === 'starting');
const onProbes = (probes: number): Evidence => ({ probes, components: [] });

const notLooked = (lastResultMs: number): Why => ({
  reason: 'observer_unhealthy',
  details: { probed_at: new Date(lastResultMs).toISOString() },
  evidence: onProbes(0),
});
const doubtful: StatusFinding = { status: 'unknown', reason: 'observer_unhealthy', details: { doubted: true }, evidence: onProbes(1) };
/** The cause is over, and has to stay so for a while. */
const recovering = (was: StatusFinding, { cleanMs, goodToRecover }: Policy): Why => ({
  reason: was.reason,
  details: { ...was.details, clean_ms: cleanMs },
  evidence: onProbes(goodToRecover),
});
const calming = (was: StatusFinding, { calm }: Memory, { calmEvaluations }: Policy): Why => ({
  reason: was.reason,
  details: { ...was.details, calm, calm_of: calmEvaluations },
  evidence: onProbes(1),
});
const allWell: Why = { reason: null, details: {}, evidence: onProbes(1) };

/** What is shown of what is. */
function shown({ evaluation, flap }: Memory, { isCorrelated }: Observation): StatusFinding {
  if (evaluation.status === 'unknown') return evaluation;
  if (isCorrelated) return doubtful;
  return flap.isFlapping ? { status: 'amber', reason: 'flapping', details: flappingDetails(flap), evidence: onProbes(1) } : evaluation;
}

/** Puts what is now shown beside what was said before. */
function said({ evaluated: evaluatedStatus }: EvaluationState, memory: Memory, now: StatusFinding, nowMs: number): EvaluationState {
  const lastGoodMs = memory.good > 0 ? memory.lastResultMs : evaluatedStatus.lastGoodMs;
  const saying = (what: EvaluatedStatus, otherReason: Memory['otherReason']): EvaluationState => ({
    evaluated: { ...what, lastGoodMs },
    memory: { ...memory, otherReason },
  });
  if (now.status !== evaluatedStatus.status) return saying({ ...now, sinceMs: nowMs, lastGoodMs }, null);
  if (now.reason === evaluatedStatus.reason) return saying({ ...evaluatedStatus, details: now.details, evidence: now.evidence }, null);
  if (now.reason !== memory.otherReason) return saying(evaluatedStatus, now.reason);
  return saying({ ...now, sinceMs: evaluatedStatus.sinceMs, lastGoodMs }, null);
}
