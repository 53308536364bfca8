import { type Instant, healthOf } from '@app/kernel';
import type { LinkReason } from './events/link-reason.js';
import type { PeerStatusWord } from './events/peer-status.js';
import { type LinkSeen, clockAheadMs } from './link/link-seen.js';
import { type LinkPolicy, POLICY, goneMs, lateMs } from './link/policy.js';
import type { RefusalCause } from './link/refusal-cause.js';
import { offsetOf } from './link/refused-answer.js';
import { spanned } from './link/spanned.js';

export { PEER_STATUSES } from './events/peer-status.js';
export const LIFECYCLES = ['pending', 'active', 'suspended'] as const;

/** What facts say of a peer. */
export type Standing =
  { readonly lifecycle: 'pending' | 'active' } | { readonly lifecycle: 'suspended'; readonly until: Instant | null; readonly note: string };

/** What whoever keeps the link has seen of it. */
export interface Seen {
  readonly link: LinkSeen;
  /** What the peer was last said to be. */
  readonly said: { readonly status: PeerStatusWord; readonly reason: LinkReason | null };
  /** Too many links began to fail with it for all of it to be true: see `isObserverDoubted`. */
  readonly doubted: boolean;
  /** The fingerprint of another secret than ours, with which somebody signed who says to be this peer; null: nobody did lately. */
  readonly otherKey: string | null;
  /** Whether somebody who says to be this peer, and to sign with our secret, was refused lately without a proof. */
  readonly sameKey?: boolean;
  /** What a signature of the peer proves of why its requests are refused here; null: they are not, or it does not. */
  readonly refused?: RefusalCause | null;
}

export interface PeerStatus {
  readonly status: PeerStatusWord;
  /** null: connected. */
  readonly reason: LinkReason | null;
  /** For people; may change. */
  readonly sentence: string;
}

/**
 * How a peer is, in one place for rows, answers, CLI and metrics.
 *
 *   pending       until the mutual challenge succeeded; its sentence says which side is missing. A refusal is expected while the
 *                 other side has not registered this one: only when somebody signs as the peer with another secret, or an answer is
 *                 signed wrongly, both sides are there and it is auth_failed.
 *   suspended     by an operator, whatever its link does.
 *   unknown       active, and nobody has looked: no process keeps its link; it was started, or woken, less than a grace window (3 N +
 *                 5 s) ago and the peer has not answered yet; or most links began to fail at once, for as long.
 *   connected     it answered within 1.5 N + 5 s, and something was heard of it within as much. Nothing else is green.
 *   degraded      its last answer is older (heartbeat_late); it answers and says nothing by itself (one_way), or has suspended us
 *                 (suspended_by_operator); the p95 of its round trips is above 1 s (slow); its clock is 60 s off (clock_skew).
 *   disconnected  no answer for 3 N + 5 s and two attempts failed, or three in a row found nobody there (connect_refused,
 *                 host_unreachable, network_unreachable, address_unavailable, outbound_denied, dns_failure, tls_failure). The reason is that of the last failure; while it is disconnected, another takes its place
 *                 when it was seen twice in a row.
 *   auth_failed   at once when it refuses us or its answer is not signed as it should be: reachable, but not authorised.
 *   incompatible  at once when both sides speak no common version of the protocol.
 *
 * The last three end after two answers at least 5 s apart; all others at the first evidence to the contrary.
 */
export function deriveStatus(peer: Standing, seen: Seen | null = null, nowMs: number = 0, policy: LinkPolicy = POLICY): PeerStatus {
  switch (peer.lifecycle) {
    case 'pending':
      return (seen && refusedStatus(seen, 'pending', nowMs, policy)) ?? pendingStatus(seen);
    case 'active':
      return seen === null ? NOBODY_LOOKS : activeStatus(seen, nowMs, policy);
    case 'suspended': {
      const end = peer.until === null ? 'until further notice' : `until ${peer.until}`;
      const sentence = `Suspended by an operator ${end}${peer.note === '' ? '.' : `: ${peer.note}`}`;
      return { status: 'suspended', reason: 'suspended_by_operator', sentence };
    }
  }
}

const NOBODY_LOOKS: PeerStatus = {
  status: 'unknown',
  reason: 'observer_unhealthy',
  sentence: 'The peer is verified, but nobody is watching its link.',
};

const DOUBTFUL = 'More than half of all peers fell silent at once: this instance is doubted first.';

function pendingStatus(seen: Seen | null): PeerStatus {
  const failure = seen?.link.failure ?? null;
  const waiting = 'Waiting for the mutual challenge: this side has registered the peer; the other side';
  if (failure === null) return { status: 'pending', reason: 'never_connected', sentence: `${waiting} has not answered yet.` };
  const missing =
    failure.reason === 'auth_rejected'
      ? `refuses this instance: it has not registered it yet, or holds another secret.${seen === null ? '' : hintOf(seen)}`
      : `is not reached. ${failure.detail}`;
  return { status: 'pending', reason: failure.reason, sentence: `${waiting} ${missing}` };
}

/** Failures of an attempt that the other side answered, and refused. */
const REFUSED: ReadonlySet<LinkReason> = new Set([
  'auth_rejected',
  'signature_invalid',
  'clock_skew',
  'address_mismatch',
  'peer_id_mismatch',
  'own_address',
]);

/** Reachable, but not who it should be, or not able to talk to us; undefined: the last attempt was not refused. */
function refusedStatus(seen: Seen, lifecycle: 'pending' | 'active', nowMs: number, policy: LinkPolicy): PeerStatus | undefined {
  const { failure } = seen.link;
  if (failure?.reason === 'protocol_mismatch') return { status: 'incompatible', reason: failure.reason, sentence: failure.detail };
  if (failure === null || !REFUSED.has(failure.reason)) return undefined;
  const say = (reason: LinkReason, sentence: string): PeerStatus => ({ status: 'auth_failed', reason, sentence });
  if (failure.reason !== 'auth_rejected') return say(failure.reason, `${failure.detail}${hintOf(seen)}`);
  const { refused = null } = seen;
  if (refused?.kind === 'peer_id') return say('peer_id_mismatch', `${failure.detail} ${refusedHere(refused)}`);
  if (refused?.kind === 'clock' && !isHeard(seen.link, nowMs, policy))
    return say('clock_skew', `${failure.detail} ${refusedHere(refused)}`);
  if (refused?.kind === 'address') return say('auth_rejected', `${failure.detail} ${refusedHere(refused)}`);
  const isExpected = lifecycle === 'pending' && seen.otherKey === null;
  return isExpected ? undefined : say('auth_rejected', `${failure.detail}${hintOf(seen)}`);
}

/** Whether the peer signed anything as it should, in three intervals: then our clocks agree. */
const isHeard = ({ lastInMs, lastOutMs }: LinkSeen, nowMs: number, { gone, heartbeatMs }: LinkPolicy): boolean =>
  [lastInMs, lastOutMs].some((atMs) => atMs !== null && nowMs - atMs < gone * heartbeatMs);

/** Not proven: anybody can say to be this peer, and name any fingerprint. */
function hintOf({ otherKey, sameKey = false }: Seen): string {
  if (otherKey !== null)
    return ` Somebody who says to be it signs with another secret than this side: compare the fingerprints, its is ${otherKey}.`;
  return sameKey
    ? ' Somebody who says to be it names the fingerprint of our secret, and signs for another instance id, or by way of something that changes the request: compare remote_peer_id and the address there with those of this instance.'
    : '';
}

function refusedHere(refused: RefusalCause): string {
  switch (refused.kind) {
    case 'clock':
      return `Its requests are refused here since the clocks differ: its clock is ${offsetOf(refused.aheadMs)} ours, and signatures hold for 5 min.`;
    case 'address': {
      const ended = refused.endedAt === null ? '' : ` That address was accepted until ${refused.endedAt}.`;
      return `Its requests are refused here since they are signed for ${refused.signedFor}, and this instance is ${refused.accepted.join(', ')}.${ended}`;
    }
    case 'peer_id':
      return `The holder of its secret asks here as ${refused.says}: compare remote_peer_id with the instance id of the other side.`;
  }
}

function activeStatus(seen: Seen, nowMs: number, policy: LinkPolicy): PeerStatus {
  const { link, said, doubted } = seen;
  const isRed = healthOf(said.status) === 'down';
  const refused = refusedStatus(seen, 'active', nowMs, policy);
  if (refused !== undefined) return refused;
  if (isLost(link, nowMs, policy) && (!doubted || isRed)) return disconnected(seen, nowMs);
  if (isRed && link.goods < policy.goodToRecover) return { ...said, sentence: recovering(link, policy) };
  if (link.lastOutMs === null) return { ...NOBODY_LOOKS, sentence: notYet(link, nowMs) };
  if (doubted && nowMs - link.lastOutMs > lateMs(policy)) return { ...NOBODY_LOOKS, sentence: DOUBTFUL };
  return degraded(seen, link.lastOutMs, nowMs, policy) ?? connected(link, policy);
}

/** After our own start, or a gap, silence is held against a peer only when a grace window has passed. */
function isLost(link: LinkSeen, nowMs: number, policy: LinkPolicy): boolean {
  const silentMs = nowMs - (link.lastOutMs ?? link.sinceMs);
  if (silentMs > goneMs(policy) && link.failures >= policy.failuresToRed) return true;
  return link.lastOutMs !== null && link.hardFailures >= policy.hardFailuresToRed;
}

function disconnected({ link, said }: Seen, nowMs: number): PeerStatus {
  const { failure, failures, lastGoodMs } = link;
  const isSettled = said.status !== 'disconnected' || (failure?.times ?? 0) > 1;
  const reason = (isSettled ? failure?.reason : said.reason) ?? 'heartbeat_timeout';
  const silence = lastGoodMs === null ? 'It never answered' : `No answer for ${spanned(nowMs - lastGoodMs)}`;
  return { status: 'disconnected', reason, sentence: `${silence}, ${failures} attempts failed: ${failure?.detail ?? ''}` };
}

function degraded(seen: Seen, lastOutMs: number, nowMs: number, policy: LinkPolicy): PeerStatus | undefined {
  const { link, refused = null } = seen;
  const late = lateMs(policy);
  const say = (reason: LinkReason, sentence: string): PeerStatus => ({ status: 'degraded', reason, sentence });
  if (nowMs - lastOutMs > late) {
    const why = link.failure === null ? '' : ` ${link.failure.detail}`;
    return say('heartbeat_late', `Its last answer is older than ${spanned(late)}.${why}`);
  }
  if (link.theirView === 'suspended')
    return say('suspended_by_operator', 'It answers, but an operator there has suspended this instance: it takes no calls from here.');
  if (nowMs - Math.max(link.lastInMs ?? link.sinceMs, link.sinceMs) > late)
    return refused?.kind === 'address'
      ? say('address_mismatch', `It answers. ${refusedHere(refused)}`)
      : say('one_way', `It answers, but for more than ${spanned(late)} none of its own heartbeats arrived here.${hintOf(seen)}`);
  const slow = slowness(link, policy);
  if (slow !== undefined)
    return say('slow', `Slow: the p95 of its last round trips is ${Math.round(slow)} ms, the limit ${policy.slowMs} ms.`);
  const ahead = clockAheadMs(link) ?? 0;
  return Math.abs(ahead) >= policy.skewMs ? say('clock_skew', `${clockSentence(ahead)} Signatures fail beyond 5 min.`) : undefined;
}

function connected(link: LinkSeen, policy: LinkPolicy): PeerStatus {
  const ahead = clockAheadMs(link) ?? 0;
  const remark = Math.abs(ahead) >= policy.skewWarnMs ? ` ${clockSentence(ahead)}` : '';
  return { status: 'connected', reason: null, sentence: `Both sides hear each other.${remark}` };
}

/** Of twenty, the p95 is the second slowest. While there are fewer, one slow one alone is no more held against it. */
function slowness({ rtts }: LinkSeen, { slowMs }: LinkPolicy): number | undefined {
  const [, second = 0] = rtts.toSorted((a, b) => b - a);
  return second > slowMs ? second : undefined;
}

const clockSentence = (aheadMs: number): string => `Its clock is ${offsetOf(aheadMs)} ours.`;
const notYet = ({ sinceMs, failure }: LinkSeen, nowMs: number): string =>
  `This instance began to watch the link ${spanned(nowMs - sinceMs)} ago and has no answer yet.${failure === null ? '' : ` ${failure.detail}`}`;
const recovering = ({ goods }: LinkSeen, { goodToRecover, recoverySpacingMs }: LinkPolicy): string =>
  goods === 0 ? 'It did not answer yet.' : `It answers again: ${goods} of ${goodToRecover} answers, ${spanned(recoverySpacingMs)} apart.`;
