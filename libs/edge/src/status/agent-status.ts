import type { AgentReason, AgentStatus, GatewaySnapshot } from '../events/index.js';
import type { AgentPolicy } from './agent-policy.js';
import { diskSentence, isIdle } from './agent-sentence.js';

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
  readonly gateways: readonly GatewaySnapshot['state'][];
}

/** How the last tunnel was lost; `words`: the same as a sentence. */
export type Loss =
  | { readonly how: 'broken'; readonly atMs: number; readonly reason: 'connection_lost' | 'heartbeat_timeout'; readonly words: string }
  | { readonly how: 'goodbye'; readonly atMs: number }
  | { readonly how: 'restarting'; readonly atMs: number; readonly backByMs: number }
  /** Whether it stands we could not see since then: `words` say why. So long it has to be seen, with all others that have. */
  | { readonly how: 'unobserved'; readonly atMs: number; readonly graceMs: number; readonly words: string }
  /** It was down before this process began to look. */
  | { readonly how: 'down'; readonly atMs: number; readonly reason: AgentReason };

/** All there is to judge one agent by. Of a link and a loss one is null, or both: then it never connected. */
export interface Seen {
  readonly link: Link | null;
  readonly loss: Loss | null;
  /** Two processes with its identity; null: there is one. */
  readonly twins: { readonly hostnames: readonly string[]; readonly heardMs: number } | null;
  /** What it was last said to be. */
  readonly before: { readonly status: AgentStatus; readonly reason: AgentReason | null };
}

export interface AgentVerdict {
  readonly status: AgentStatus;
  readonly reason: AgentReason | null;
  readonly sentence: string;
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
 *                 ourselves first. Longer when so many are expected that not all can be let in by then (`returningOf`).
 *                 -> connected as soon as it is back, -> disconnected after that.
 *
 * A revoked agent is judged no more.
 */
export function deriveStatus({ link, loss, twins, before }: Seen, nowMs: number, policy: AgentPolicy): AgentVerdict {
  if (twins !== null) {
    const isOver = nowMs - twins.heardMs >= policy.duplicate.silentMs;
    return isOver
      ? down('duplicate_identity', 'Two processes shared its identity; neither has come for a while.')
      : quarantined(twins.hostnames);
  }
  if (link !== null) return standing(link, before, nowMs, policy);
  if (loss !== null) return lost(loss, nowMs, policy);
  return say('enrolled', 'never_connected', 'Enrolled; it has not connected yet.');
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

function standing(link: Link, before: Seen['before'], nowMs: number, policy: AgentPolicy): AgentVerdict {
  const trouble = troubleOf(link, before.reason, nowMs, policy);
  if (isProved(link, nowMs, policy)) return trouble ?? say('connected', null, 'Connected; nothing is wrong.');
  if (trouble?.reason === 'sync_stale') return trouble; // It stands, and does not say what it has.
  const sentence = `Its tunnel stands; it counts as connected once that has lasted ${seconds(policy.stableMs)} and all was reported.`;
  return before.status === 'enrolled' ? say('enrolled', 'starting', sentence) : say('reconnecting', 'starting', sentence);
}

/** The first thing that is wrong with a tunnel that stands. What was wrong before stays so a little longer. */
function troubleOf(link: Link, was: AgentReason | null, nowMs: number, policy: AgentPolicy): AgentVerdict | null {
  const limit = (reason: AgentReason, most: number): number => (was === reason ? most * policy.calmBelow : most);
  const missed = link.pongs.slice(-policy.pongWindow).filter((answered) => !answered).length;
  if (missed >= policy.missedPongs)
    return degraded(
      'heartbeat_late',
      `${missed} of the last ${Math.min(link.pongs.length, policy.pongWindow)} pings got no answer in time.`,
    );
  const offMs = Math.abs(link.clockOffsetMs ?? 0);
  if (offMs >= limit('clock_skew', policy.skewMs)) return degraded('clock_skew', `Its clock is off by ${seconds(offMs)}.`);
  const silentMs = nowMs - (link.lastSyncMs ?? link.acceptedMs);
  if (silentMs > policy.syncIntervals * link.syncMs)
    return degraded('sync_stale', `It has not reported for ${seconds(silentMs)}; it should every ${seconds(link.syncMs)}.`);
  if (link.outbox > limit('queue_backlog', policy.outboxShare))
    return degraded('queue_backlog', `Its queue is ${Math.round(link.outbox * 100)} % full.`);
  const { share, calmShare } = policy.disk;
  if (link.disk !== null && link.disk >= (was === 'disk_full' ? calmShare : share)) return degraded('disk_full', diskSentence(link.disk));
  const p95Ms = p95(link.rttsMs.slice(-policy.rttWindow));
  if (link.rttsMs.length >= policy.rttLeast && p95Ms > limit('slow', policy.slowMs))
    return degraded('slow', `5 of 100 round trips take longer than ${Math.round(p95Ms)} ms.`);
  // Without a name: whoever reads it gets the names of that moment, by `sentenceNow`.
  if (link.gateways.some(isIdle)) return degraded('dependency_down', 'A gateway beside it does not serve; which and why stands with it.');
  return null;
}

function lost(loss: Loss, nowMs: number, policy: AgentPolicy): AgentVerdict {
  const forMs = nowMs - loss.atMs;
  if (forMs >= policy.staleMs) return say('stale', reasonOf(loss), 'Gone for more than a day.');
  switch (loss.how) {
    case 'broken':
      if (forMs < policy.graceMs) return say('reconnecting', loss.reason, `${loss.words} It has ${seconds(policy.graceMs)} to come back.`);
      return down(loss.reason, `${loss.words} It did not come back within ${seconds(policy.graceMs)}.`);
    case 'goodbye':
      return down('remote_goodbye', 'The agent was stopped, and said goodbye.');
    case 'restarting':
      if (nowMs < loss.backByMs) return { ...say('restarting', 'remote_restarting', RESTARTS), expectedBackMs: loss.backByMs };
      return down('remote_restarting', 'It said goodbye and when it would be back, and is not.');
    case 'unobserved':
      if (forMs < loss.graceMs) return say('unknown', 'observer_unhealthy', loss.words);
      return down('heartbeat_timeout', `${loss.words} It did not come within ${seconds(loss.graceMs)}.`);
    case 'down':
      return down(loss.reason, 'Gone since before this side last started.');
  }
}
const RESTARTS = 'It said goodbye, and when it will be back.';

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

const say = (status: AgentStatus, reason: AgentReason | null, sentence: string): AgentVerdict => ({
  status,
  reason,
  sentence,
  expectedBackMs: null,
});
const down = (reason: AgentReason, sentence: string): AgentVerdict => say('disconnected', reason, sentence);
const degraded = (reason: AgentReason, sentence: string): AgentVerdict => say('degraded', reason, sentence);

const quarantined = (hostnames: readonly string[]): AgentVerdict =>
  say(
    'quarantined',
    'duplicate_identity',
    `Two processes take turns with its identity, on ${hostnames.join(' and ')}: stop one of them, and enroll it anew.`,
  );

/** 95 of 100 are at most this; 0: there are none. */
const p95 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? 0;
const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
