import { type Details, type Flap, STEADY, flappingDetails, watchedAs } from '@app/kernel';
import type { AgentReason, AgentStatus, GatewaySnapshot } from '../events/index.js';
import type { AgentPolicy } from './agent-policy.js';
import { isTroubled } from './details-now.js';

/** A tunnel that stands. Times are milliseconds of one clock. */
export interface Link {
  readonly acceptedMs: number;
  /** It came back in time, or took the place of a tunnel that stood: nothing has to be proved again. */
  readonly isReturn: boolean;
  /** When it first reported all it has; null: not yet. */
  readonly fullReportMs: number | null;
  /** When it last reported anything. */
  readonly lastSyncMs: number | null;
  readonly syncMs: number;
  /** Of the last pings, oldest first. */
  readonly rttsMs: readonly number[];
  /** Whether each of the last pings was answered before the next, oldest first. */
  readonly pongs: readonly boolean[];
  /** How full the agent's queue is, 0 to 1. */
  readonly outbox: number;
  /** The agent's clock minus ours; null: not measured yet. */
  readonly clockOffsetMs: number | null;
  /** Share of its host's disk in use, 0 to 1; null: it does not say. */
  readonly disk: number | null;
  /** How each of its gateways is, as it reported last. */
  readonly gateways: readonly Pick<GatewaySnapshot, 'name' | 'state' | 'reason'>[];
}

/** How the last tunnel was lost; `lost`: the same as a code, of which its sentence is made. */
export type Loss =
  | { readonly how: 'broken'; readonly atMs: number; readonly reason: 'connection_lost' | 'heartbeat_timeout'; readonly lost: string }
  | { readonly how: 'goodbye'; readonly atMs: number }
  | { readonly how: 'restarting'; readonly atMs: number; readonly backByMs: number }
  /** Whether it stands we could not see since then: `lost` says why. So long it has to be seen, with all others that have. */
  | { readonly how: 'unobserved'; readonly atMs: number; readonly graceMs: number; readonly lost: string }
  /** It was down before this process began to look. */
  | { readonly how: 'down'; readonly atMs: number; readonly reason: AgentReason };

/** All there is to judge one agent by. Of a link and a loss one is null, or both: then it never connected. */
export interface Observation {
  readonly link: Link | null;
  readonly loss: Loss | null;
  /** Two processes with its identity; null: there is one. */
  readonly duplicates: { readonly hostnames: readonly string[]; readonly heardMs: number } | null;
  /** What it was last said to be. */
  readonly before: { readonly status: AgentStatus; readonly reason: AgentReason | null };
}

export interface AgentEvaluation {
  readonly status: AgentStatus;
  readonly reason: AgentReason | null;
  /** What its sentence is made of. */
  readonly details: Details;
  readonly expectedBackMs: number | null;
}

/**
 * What an enrolled agent is: the only place that says so.
 *
 *   enrolled      it never connected. -> connected when its first tunnel has brought a full report and stood for 10 s.
 *   connected     -> degraded by the first of these: two of five pings unanswered, a clock off by 60 s, no report for three intervals,
 *                 a queue 80 % full, a disk 90 % full, round trips above 750 ms, a gateway that does not serve. -> reconnecting when the
 *                 connection breaks; -> restarting or disconnected when the agent says goodbye.
 *   degraded      -> connected when none of that holds; a threshold is left at 0.8 of it, the disk's at 87 %. -> as connected.
 *   reconnecting  amber, for 15 s after a break: -> connected as soon as it is back, -> disconnected when it is not. Also an agent that
 *                 was down and is back: -> connected after 10 s and a full report.
 *   restarting    amber, until the moment it promised: -> connected as soon as it is back, -> disconnected after that.
 *   disconnected  red. -> reconnecting when it is back, -> stale after a day.
 *   stale         red. -> reconnecting.
 *   quarantined   red: two processes took turns with one identity, and neither is let in. -> reconnecting once only one of them was heard
 *                 for five minutes, -> disconnected when none was for fifteen.
 *   unknown       grey, for 70 s after this process began to look, or after more than half of all tunnels broke at once: we doubt
 *                 ourselves first. Longer when so many are expected that not all can be let in by then (`reconnectBudgetOf`).
 *                 -> connected as soon as it is back, -> disconnected after that.
 *
 * A revoked agent is judged no more.
 */
export function deriveStatus({ link, loss, duplicates, before }: Observation, nowMs: number, policy: AgentPolicy): AgentEvaluation {
  if (duplicates !== null) {
    const isOver = nowMs - duplicates.heardMs >= policy.duplicate.silentMs;
    return isOver ? down('duplicate_identity', { over: true }) : quarantined(duplicates.hostnames);
  }
  if (link !== null) return connected(link, before, nowMs, policy);
  if (loss !== null) return lost(loss, nowMs, policy);
  return say('enrolled', 'never_connected');
}

/** What is remembered of an agent between two evaluations. */
export interface AgentMemory {
  /** What it is, before it is shown damped; null: not evaluated yet. */
  readonly evaluated: Observation['before'] | null;
  readonly flap: Flap;
}
export const NEW_AGENT: AgentMemory = { evaluated: null, flap: STEADY };

/**
 * One evaluation of an agent. What it is, `deriveStatus` says; what is shown differs in one case: while that changes too often (`watchedAs`),
 * it is degraded, flapping, and what it is between two changes stands in the details. Losses from which it comes back in time are counted.
 * An absence beyond the grace is an outage, which is told as that: it is red at once, and counting starts anew. Otherwise flapping ends when
 * its score has fallen: by quiet evaluations, of which one counts every 15 s.
 */
export function evaluateAgent(
  memory: AgentMemory,
  observed: Observation,
  nowMs: number,
  policy: AgentPolicy,
): { readonly memory: AgentMemory; readonly shown: AgentEvaluation } {
  const before = memory.flap.isFlapping && memory.evaluated !== null ? memory.evaluated : observed.before;
  const evaluated = deriveStatus({ ...observed, before }, nowMs, policy);
  const state = countedState(evaluated.status, observed.link !== null);
  if (state === null) return { memory: { ...memory, evaluated }, shown: evaluated };
  const flap = watchedAs(memory.flap, state, nowMs, policy.evaluationMs, policy.flap);
  return { memory: { evaluated, flap }, shown: flap.isFlapping ? degraded('flapping', flappingDetails(flap)) : evaluated };
}

/** What an agent can flap between; `out`: its absence is an outage; null: it is called down for another reason, or nobody could look. */
function countedState(status: AgentStatus, isThere: boolean): 'connected' | 'degraded' | 'gone' | 'out' | null {
  switch (status) {
    case 'connected':
    case 'degraded':
      return status;
    case 'reconnecting':
    case 'restarting':
    case 'enrolled':
      if (isThere) return 'connected'; // It came back; whether that lasts is yet to be seen.
      return status === 'enrolled' ? null : 'gone';
    case 'disconnected':
      return 'out';
    case 'stale':
    case 'quarantined':
    case 'revoked':
    case 'unknown':
      return null;
  }
}

/** Whether a tunnel is a connection: it lasted, and all was reported; or the one before it was. */
export const isProved = (link: Link, nowMs: number, policy: AgentPolicy): boolean =>
  link.isReturn || (link.fullReportMs !== null && nowMs - link.acceptedMs >= policy.stableMs);

/** Whether an agent that was connected and is back now was not gone too long to be taken for the same connection. */
export function isInTime(loss: Loss | null, nowMs: number, policy: AgentPolicy): boolean {
  switch (loss?.how) {
    case 'broken':
      return nowMs - loss.atMs < policy.graceMs;
    case 'restarting':
      return nowMs < loss.backByMs;
    case 'unobserved':
      return nowMs - loss.atMs < loss.graceMs;
    case 'goodbye':
    case 'down':
    case undefined:
      return false;
  }
}

function connected(link: Link, before: Observation['before'], nowMs: number, policy: AgentPolicy): AgentEvaluation {
  const trouble = troubleOf(link, before.reason, nowMs, policy);
  if (isProved(link, nowMs, policy)) return trouble ?? say('connected', null);
  if (trouble?.reason === 'sync_stale') return trouble; // It stands, and does not say what it has.
  return say(before.status === 'enrolled' ? 'enrolled' : 'reconnecting', 'starting', { stable_ms: policy.stableMs });
}

/** The first thing that is wrong with a tunnel that stands. What was wrong before stays so a little longer. */
function troubleOf(link: Link, was: AgentReason | null, nowMs: number, policy: AgentPolicy): AgentEvaluation | null {
  const limit = (reason: AgentReason, most: number): number => (was === reason ? most * policy.calmBelow : most);
  const missed = link.pongs.slice(-policy.pongWindow).filter((answered) => !answered).length;
  const pings = Math.min(link.pongs.length, policy.pongWindow);
  if (missed >= policy.missedPongs) return degraded('heartbeat_late', { missed, pings });
  const offMs = Math.abs(link.clockOffsetMs ?? 0);
  if (offMs >= limit('clock_skew', policy.skewMs)) return degraded('clock_skew', { off_ms: rounded(offMs, 1_000) });
  const silentMs = nowMs - (link.lastSyncMs ?? link.acceptedMs);
  const lateMs = policy.syncIntervals * link.syncMs;
  if (silentMs > lateMs) return degraded('sync_stale', { late_ms: lateMs, every_ms: link.syncMs });
  if (link.outbox > limit('queue_backlog', policy.retryQueueShare)) return degraded('queue_backlog', { share: rounded(link.outbox, 0.01) });
  const { share, calmShare } = policy.disk;
  if (link.disk !== null && link.disk >= (was === 'disk_full' ? calmShare : share))
    return degraded('disk_full', { disk_share: rounded(link.disk, 0.01) });
  const p95Ms = p95(link.rttsMs.slice(-policy.rttWindow));
  if (link.rttsMs.length >= policy.rttLeast && p95Ms > limit('slow', policy.slowMs)) return degraded('slow', { p95_ms: Math.round(p95Ms) });
  const troubled = link.gateways.filter(isTroubled).map(({ name }) => name);
  return troubled.length > 0 ? degraded('dependency_down', { gateways: troubled }) : null;
}

function lost(loss: Loss, nowMs: number, policy: AgentPolicy): AgentEvaluation {
  const forMs = nowMs - loss.atMs;
  if (forMs >= policy.staleMs) return say('stale', reasonOf(loss), { stale: true });
  switch (loss.how) {
    case 'broken':
      if (forMs < policy.graceMs) return say('reconnecting', loss.reason, { lost: loss.lost, coming_ms: policy.graceMs });
      return down(loss.reason, { lost: loss.lost, absent_ms: policy.graceMs });
    case 'goodbye':
      return down('remote_goodbye');
    case 'restarting':
      if (nowMs < loss.backByMs) return { ...say('restarting', 'remote_restarting', { returning: true }), expectedBackMs: loss.backByMs };
      return down('remote_restarting');
    case 'unobserved':
      if (forMs < loss.graceMs) return say('unknown', 'observer_unhealthy', { lost: loss.lost });
      return down('heartbeat_timeout', { lost: loss.lost, absent_ms: rounded(loss.graceMs, 1_000) });
    case 'down':
      return down(loss.reason, { before: true });
  }
}

const reasonOf = (loss: Loss): AgentReason => {
  switch (loss.how) {
    case 'broken':
    case 'down':
      return loss.reason;
    case 'goodbye':
      return 'remote_goodbye';
    case 'restarting':
      return 'remote_restarting';
    case 'unobserved':
      return 'heartbeat_timeout';
  }
};

const say = (status: AgentStatus, reason: AgentReason | null, details: Details = {}): AgentEvaluation => ({
  status,
  reason,
  details,
  expectedBackMs: null,
});
const down = (reason: AgentReason, details: Details = {}): AgentEvaluation => say('disconnected', reason, details);
const degraded = (reason: AgentReason, details: Details): AgentEvaluation => say('degraded', reason, details);

const quarantined = (hostnames: readonly string[]): AgentEvaluation => say('quarantined', 'duplicate_identity', { hostnames });

/** 95 of 100 are at most this; 0: there are none. */
const p95 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? 0;
/** A detail that changes with each sample says no more than one that is rounded. */
const rounded = (value: number, to: number): number => Math.round(Math.round(value / to) * to * 100) / 100;
