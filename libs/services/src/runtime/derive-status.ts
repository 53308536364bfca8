import { type FlapPolicy, evaluatedAs, flappingDetails } from '@app/kernel';
import type { ComponentKind } from '../events/component-kind.js';
import { type Cause, type Evaluation, amberCause, dependencyDown, isBreach, isCalm, redCause } from './causes.js';
import type { Policy } from './policy.js';
import type { Reading } from './reading.js';
import type { Entry, Grounds, Judgement, Memory, Standing, Verdict } from './standing.js';

/** What there is to judge by, at one moment. */
export interface Seen {
  readonly kind: ComponentKind;
  /** What a probe brought back; null: nothing new, only time has passed. */
  readonly reading: Reading | null;
  /** Those of the components it depends on that are red. */
  readonly redParents: readonly string[];
  /** Those of them that are red since a store is full; absent: none. */
  readonly fullParents?: readonly string[];
  /** Too much began to fail with it for all of it to be true: see `isDoubted`. */
  readonly doubted: boolean;
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
 * What is *said* differs from this in two cases. While the observer is in doubt (`isDoubted`), what just began to fail is
 * unknown. And while the state changes too often (`evaluatedAs`), it is amber, flapping, until it has been red for
 * four intervals: that is an outage. The reason of an unchanged status is replaced when the new one was seen twice in a row. While the
 * reason stays, details and grounds are those of the latest evaluation.
 */
export function deriveStatus(before: Standing, seen: Seen, nowMs: number, policy: Policy): Standing {
  const memory = evaluated(before.memory, seen, nowMs, policy);
  const now = shown(memory, seen);
  if (memory === before.memory && now.status === before.verdict.status) return before; // Time has passed and changed nothing.
  return said(before, memory, now, nowMs);
}

function evaluated(memory: Memory, { kind, reading, redParents, fullParents = [] }: Seen, nowMs: number, policy: Policy): Memory {
  if (redParents.length > 0) return { ...forgotten(memory, dependencyDown(redParents, fullParents)), lastResultMs: nowMs };
  if (reading !== null) return afterProbe(memory, kind, reading, nowMs, policy);
  const deadlineMs = memory.lastResultMs + policy.unknownAfterIntervals * policy.kinds[kind].intervalMs;
  const hasBeenProbed = memory.judged.reason !== 'never_connected';
  return nowMs >= deadlineMs && hasBeenProbed ? forgotten(memory, notLooked(memory.lastResultMs)) : memory;
}

function afterProbe(memory: Memory, kind: ComponentKind, reading: Reading, nowMs: number, policy: Policy): Memory {
  const failures = reading.ok ? 0 : memory.failures + 1;
  const startingSinceMs = isStarting(reading) ? (memory.startingSinceMs ?? nowMs) : null;
  const judged = nowMs - memory.beganMs < policy.firstSightMs ? untimed(reading) : reading;
  const entry: Entry = {
    ok: judged.ok,
    latencyMs: judged.ok ? judged.latencyMs : null,
    breach: judged.ok && isBreach(judged, kind, policy),
  };
  const window = [...memory.window, entry].slice(-policy.failureWindow);
  const seen = { kind, reading, window, failures, startingMs: nowMs - (startingSinceMs ?? nowMs) };
  const red = redCause(seen, policy);
  const isGood = reading.ok && red === undefined;
  const counted: Memory = {
    ...memory,
    window,
    failures,
    failingSinceMs: reading.ok ? null : (memory.failingSinceMs ?? nowMs),
    good: isGood ? memory.good + 1 : 0,
    calm: isCalm(seen, policy) ? memory.calm + 1 : 0,
    cleanSinceMs: isGood && !entry.breach ? memory.cleanSinceMs : nowMs,
    startingSinceMs,
    lastResultMs: nowMs,
  };
  return moved(counted, red, seen, nowMs, policy);
}

/** At first sight a slow answer says more of new connections and cold caches than of the component. */
const untimed = (reading: Reading): Reading => (reading.ok ? { ...reading, latencyMs: null } : reading);

/** The transitions, as told above. */
function moved(memory: Memory, red: Cause | undefined, seen: Evaluation, nowMs: number, policy: Policy): Memory {
  const { judged, window } = memory;
  const flap = flapPolicyOf(seen.kind, policy);
  switch (judged.status) {
    case 'unknown': {
      if (red !== undefined) return turned(memory, 'red', red, nowMs, flap);
      if (!seen.reading.ok) return memory;
      const amber = amberCause({ ...seen, window: window.slice(-1) }, policy);
      return turned({ ...memory, window: window.slice(-1) }, amber ? 'amber' : 'green', amber ?? allWell, nowMs, flap);
    }
    case 'red': {
      const { goodToRecover } = policy;
      if (memory.good < goodToRecover) return turned(memory, 'red', red ?? judged, nowMs, flap);
      const fresh = { ...memory, window: window.slice(-goodToRecover), cleanSinceMs: nowMs };
      return turned(fresh, 'recovering', recovering(judged, policy), nowMs, flap);
    }
    case 'green':
    case 'amber':
    case 'recovering': {
      if (red !== undefined) return turned(memory, 'red', red, nowMs, flap);
      const amber = amberCause(seen, policy);
      if (amber !== undefined) return turned(memory, 'amber', amber, nowMs, flap);
      const isStillAmber = judged.status === 'amber' && memory.calm < policy.calmEvaluations;
      const isStillRecovering = judged.status === 'recovering' && nowMs - memory.cleanSinceMs < policy.cleanMs;
      if (isStillAmber) return turned(memory, 'amber', calming(judged, memory, policy), nowMs, flap);
      if (isStillRecovering) return turned(memory, 'recovering', judged, nowMs, flap);
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

type Why = Omit<Judgement, 'status'>;

function turned(memory: Memory, status: Judgement['status'], { reason, details, grounds }: Why, nowMs: number, flap: FlapPolicy): Memory {
  return { ...memory, judged: { status, reason, details, grounds }, flap: evaluatedAs(memory.flap, status, nowMs, flap) };
}

/** Judged afresh from here; what it had been before, and when it was last good, is kept. */
const forgotten = (memory: Memory, why: Why): Memory => ({
  ...memory,
  judged: { status: 'unknown', ...why },
  failures: 0,
  failingSinceMs: null,
  good: 0,
  calm: 0,
  startingSinceMs: null,
});

const isStarting = (reading: Reading): boolean => reading.ok && reading.findings.some(({ reason }) => reason === 'starting');
const onProbes = (probes: number): Grounds => ({ probes, components: [] });

const notLooked = (lastResultMs: number): Why => ({
  reason: 'observer_unhealthy',
  details: { probed_at: new Date(lastResultMs).toISOString() },
  grounds: onProbes(0),
});
const doubtful: Judgement = { status: 'unknown', reason: 'observer_unhealthy', details: { doubted: true }, grounds: onProbes(1) };
/** The cause is over, and has to stay so for a while. */
const recovering = (was: Judgement, { cleanMs, goodToRecover }: Policy): Why => ({
  reason: was.reason,
  details: { ...was.details, clean_ms: cleanMs },
  grounds: onProbes(goodToRecover),
});
const calming = (was: Judgement, { calm }: Memory, { calmEvaluations }: Policy): Why => ({
  reason: was.reason,
  details: { ...was.details, calm, calm_of: calmEvaluations },
  grounds: onProbes(1),
});
const allWell: Why = { reason: null, details: {}, grounds: onProbes(1) };

/** What is shown of what is. */
function shown({ judged, flap }: Memory, { doubted }: Seen): Judgement {
  if (judged.status === 'unknown') return judged;
  if (doubted) return doubtful;
  return flap.isFlapping ? { status: 'amber', reason: 'flapping', details: flappingDetails(flap), grounds: onProbes(1) } : judged;
}

/** Puts what is now shown beside what was said before. */
function said({ verdict }: Standing, memory: Memory, now: Judgement, nowMs: number): Standing {
  const lastGoodMs = memory.good > 0 ? memory.lastResultMs : verdict.lastGoodMs;
  const saying = (what: Verdict, otherReason: Memory['otherReason']): Standing => ({
    verdict: { ...what, lastGoodMs },
    memory: { ...memory, otherReason },
  });
  if (now.status !== verdict.status) return saying({ ...now, sinceMs: nowMs, lastGoodMs }, null);
  if (now.reason === verdict.reason) return saying({ ...verdict, details: now.details, grounds: now.grounds }, null);
  if (now.reason !== memory.otherReason) return saying(verdict, now.reason);
  return saying({ ...now, sinceMs: verdict.sinceMs, lastGoodMs }, null);
}
