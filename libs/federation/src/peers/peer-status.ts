import { type Details, type Flap, type Instant, STEADY, flappingDetails, healthOf, watchedAs } from '@app/kernel';
import type { LinkReason } from './events/link-reason.js';
import type { PeerStatusWord } from './events/peer-status.js';
import type { KeyTrouble } from './runtime/key-trouble.js';
import { type LinkObservation, clockAheadMs } from './runtime/link-observation.js';
import { type LinkPolicy, POLICY, goneMs, lateMs } from './runtime/policy.js';
import type { RefusalCause } from './runtime/refusal-cause.js';

export { PEER_STATUSES } from './events/peer-status.js';
export const LIFECYCLES = ['pending', 'active', 'suspended'] as const;

/** What facts say of a peer. */
export type PeerLifecycle =
  { readonly lifecycle: 'pending' | 'active' } | { readonly lifecycle: 'suspended'; readonly until: Instant | null; readonly note: string };

/** What whoever keeps the link has seen of it. */
export interface Observation {
  readonly link: LinkObservation;
  /** What the peer was last said to be. */
  readonly said: { readonly status: PeerStatusWord; readonly reason: LinkReason | null };
  /** Too many links began to fail with it for all of it to be true: see `isObserverSuspect`. */
  readonly isCorrelated: boolean;
  /** The fingerprint of another secret than ours, with which somebody signed who says to be this peer; null: nobody did lately. */
  readonly otherKey: string | null;
  /** Whether somebody who says to be this peer, and to sign with our secret, was refused lately without a proof. */
  readonly sameKey?: boolean;
  /** What a signature of the peer proves of why its requests are refused here; null: they are not, or it does not. */
  readonly refused?: RefusalCause | null;
  /** What is wrong with the instance key that it shows; null: nothing is. */
  readonly key?: KeyTrouble | null;
}

export interface PeerStatus {
  readonly status: PeerStatusWord;
  /** null: connected. */
  readonly reason: LinkReason | null;
  /** What its sentence is made of. */
  readonly details: Details;
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
 *                 (suspended_by_operator); it shows another instance key than is pinned, none, or one that it does not hold (key_changed,
 *                 key_missing, key_unproven); the p95 of its round trips is above 1 s (slow); its clock is 60 s off (clock_skew).
 *   disconnected  no answer for 3 N + 5 s and two attempts failed, or three in a row found nobody there (connect_refused,
 *                 host_unreachable, network_unreachable, address_unavailable, outbound_denied, dns_failure, tls_failure). The reason is that of the last failure; while it is disconnected, another takes its place
 *                 when it was seen twice in a row.
 *   auth_failed   at once when it refuses us or its answer is not signed as it should be: reachable, but not authorised.
 *   incompatible  at once when both sides speak no common version of the protocol.
 *
 * The last three end after two answers at least 5 s apart; all others at the first evidence to the contrary.
 */
export function deriveStatus(
  peer: PeerLifecycle,
  observed: Observation | null = null,
  nowMs: number = 0,
  policy: LinkPolicy = POLICY,
): PeerStatus {
  switch (peer.lifecycle) {
    case 'pending':
      return (observed && refusedStatus(observed, 'pending', nowMs, policy)) ?? pendingStatus(observed);
    case 'active':
      return observed === null ? NOBODY_LOOKS : activeStatus(observed, nowMs, policy);
    case 'suspended': {
      const { until, note } = peer;
      return { status: 'suspended', reason: 'suspended_by_operator', details: { until, note } };
    }
  }
}

const NOBODY_LOOKS: PeerStatus = { status: 'unknown', reason: 'observer_unhealthy', details: {} };

function pendingStatus(observation: Observation | null): PeerStatus {
  const failure = observation?.link.failure ?? null;
  if (failure === null) return { status: 'pending', reason: 'never_connected', details: {} };
  return {
    status: 'pending',
    reason: failure.reason,
    details: { pending: true, said: failure.detail, ...(observation === null ? {} : hintOf(observation)) },
  };
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
function refusedStatus(observed: Observation, lifecycle: 'pending' | 'active', nowMs: number, policy: LinkPolicy): PeerStatus | undefined {
  const { failure } = observed.link;
  if (failure?.reason === 'protocol_mismatch') return { status: 'incompatible', reason: failure.reason, details: { said: failure.detail } };
  if (failure === null || !REFUSED.has(failure.reason)) return undefined;
  const say = (reason: LinkReason, more: Details): PeerStatus => ({
    status: 'auth_failed',
    reason,
    details: { said: failure.detail, ...more },
  });
  if (failure.reason !== 'auth_rejected') return say(failure.reason, hintOf(observed));
  const { refused = null } = observed;
  if (refused?.kind === 'peer_id') return say('peer_id_mismatch', refusedHere(refused));
  if (refused?.kind === 'clock' && !isHeard(observed.link, nowMs, policy)) return say('clock_skew', refusedHere(refused));
  if (refused?.kind === 'address') return say('auth_rejected', refusedHere(refused));
  const isExpected = lifecycle === 'pending' && observed.otherKey === null;
  return isExpected ? undefined : say('auth_rejected', hintOf(observed));
}

/** Whether the peer signed anything as it should, in three intervals: then our clocks agree. */
const isHeard = ({ lastInMs, lastOutMs }: LinkObservation, nowMs: number, { gone, heartbeatMs }: LinkPolicy): boolean =>
  [lastInMs, lastOutMs].some((atMs) => atMs !== null && nowMs - atMs < gone * heartbeatMs);

/** Not proven: anybody can say to be this peer, and name any fingerprint. */
function hintOf({ otherKey, sameKey = false }: Observation): Details {
  if (otherKey !== null) return { other_key: otherKey };
  return sameKey ? { same_key: true } : {};
}

/** Proven by a signature of the peer: why its requests are refused here. */
function refusedHere(refused: RefusalCause): Details {
  switch (refused.kind) {
    case 'clock':
      return { refused: 'clock', ...clockDetails(refused.aheadMs) };
    case 'address': {
      const ended = refused.endedAt === null ? {} : { accepted_until: refused.endedAt };
      return { refused: 'address', signed_for: refused.signedFor, accepted: [...refused.accepted], ...ended };
    }
    case 'peer_id':
      return { refused: 'peer_id', asks_as: refused.says };
  }
}

function activeStatus(observed: Observation, nowMs: number, policy: LinkPolicy): PeerStatus {
  const { link, said, isCorrelated } = observed;
  const isRed = healthOf(said.status) === 'down';
  const refused = refusedStatus(observed, 'active', nowMs, policy);
  if (refused !== undefined) return refused;
  if (isLost(link, nowMs, policy) && (!isCorrelated || isRed)) return disconnected(observed);
  if (isRed && link.goods < policy.goodToRecover) return { ...said, details: recovering(link, policy) };
  if (link.lastOutMs === null) return { ...NOBODY_LOOKS, details: { watched: true, ...causeOf(link) } };
  if (isCorrelated && nowMs - link.lastOutMs > lateMs(policy)) return { ...NOBODY_LOOKS, details: { doubted: true } };
  return degraded(observed, link.lastOutMs, nowMs, policy) ?? connected(link, policy);
}

/** What is remembered of a link between two evaluations. */
export interface LinkMemory {
  /** What it is, before it is shown damped; null: not evaluated yet. */
  readonly evaluated: Pick<PeerStatus, 'status' | 'reason'> | null;
  readonly flap: Flap;
}
export const NEW_LINK: LinkMemory = { evaluated: null, flap: STEADY };

/** What a link can flap between. Between lifecycles, and while nobody could look, it does not. */
const COUNTED: readonly PeerStatusWord[] = ['connected', 'degraded', 'disconnected', 'auth_failed', 'incompatible'];
const DOWN = COUNTED.filter((status) => healthOf(status) === 'down');

/**
 * One evaluation of a link that is kept. What it is, `deriveStatus` says; what is shown differs in one case: while its status changes too
 * often (`watchedAs`), it is degraded, flapping, and what it is between two changes stands in the details. Flapping ends when its score has
 * fallen: by quiet evaluations, of which one counts every interval. A link that is down for a grace window is red at once: that is an outage.
 */
export function evaluateLink(
  memory: LinkMemory,
  peer: PeerLifecycle,
  observed: Observation,
  nowMs: number,
  policy: LinkPolicy,
): { readonly memory: LinkMemory; readonly shown: PeerStatus } {
  const said = memory.flap.isFlapping && memory.evaluated !== null ? memory.evaluated : observed.said;
  const evaluated = deriveStatus(peer, { ...observed, said }, nowMs, policy);
  if (!COUNTED.includes(evaluated.status)) return { memory: { ...memory, evaluated }, shown: evaluated };
  const flap = watchedAs(memory.flap, evaluated.status, nowMs, policy.heartbeatMs, {
    ...policy.flap,
    down: DOWN,
    outageMs: goneMs(policy),
  });
  const shown = flap.isFlapping ? ({ status: 'degraded', reason: 'flapping', details: flappingDetails(flap) } as const) : evaluated;
  return { memory: { evaluated, flap }, shown };
}

/** After our own start, or a gap, silence is held against a peer only when a grace window has passed. */
function isLost(link: LinkObservation, nowMs: number, policy: LinkPolicy): boolean {
  const silentMs = nowMs - (link.lastOutMs ?? link.sinceMs);
  if (silentMs > goneMs(policy) && link.failures >= policy.failuresToRed) return true;
  return link.lastOutMs !== null && link.hardFailures >= policy.hardFailuresToRed;
}

function disconnected({ link, said }: Observation): PeerStatus {
  const { failure, failures } = link;
  const isSettled = said.status !== 'disconnected' || (failure?.times ?? 0) > 1;
  const reason = (isSettled ? failure?.reason : said.reason) ?? 'heartbeat_timeout';
  return { status: 'disconnected', reason, details: { attempts: failures, ...causeOf(link) } };
}

function degraded(observed: Observation, lastOutMs: number, nowMs: number, policy: LinkPolicy): PeerStatus | undefined {
  const { link, refused = null } = observed;
  const late = lateMs(policy);
  const say = (reason: LinkReason, details: Details): PeerStatus => ({ status: 'degraded', reason, details });
  if (nowMs - lastOutMs > late) return say('heartbeat_late', { late_ms: late, ...causeOf(link) });
  if (link.theirView === 'suspended') return say('suspended_by_operator', { by_them: true });
  if (observed.key) return say(observed.key.reason, observed.key.details);
  if (nowMs - Math.max(link.lastInMs ?? link.sinceMs, link.sinceMs) > late)
    return refused?.kind === 'address'
      ? say('address_mismatch', { answers: true, ...refusedHere(refused) })
      : say('one_way', { late_ms: late, ...hintOf(observed) });
  const slow = slowness(link, policy);
  if (slow !== undefined) return say('slow', { p95_ms: Math.round(slow), limit_ms: policy.slowMs });
  const ahead = clockAheadMs(link) ?? 0;
  return Math.abs(ahead) >= policy.skewMs ? say('clock_skew', clockDetails(ahead)) : undefined;
}

function connected(link: LinkObservation, policy: LinkPolicy): PeerStatus {
  const ahead = clockAheadMs(link) ?? 0;
  return { status: 'connected', reason: null, details: Math.abs(ahead) >= policy.skewWarnMs ? clockDetails(ahead) : {} };
}

/** Of twenty, the p95 is the second slowest. While there are fewer, one slow one alone is no more held against it. */
function slowness({ rtts }: LinkObservation, { slowMs }: LinkPolicy): number | undefined {
  const [, second = 0] = rtts.toSorted((a, b) => b - a);
  return second > slowMs ? second : undefined;
}

/** To the second: a remark that changes with each round trip is none. */
const clockDetails = (aheadMs: number): Details => ({ clock_ahead_ms: Math.round(aheadMs / 1_000) * 1_000 });
const causeOf = ({ failure }: LinkObservation): Details => (failure === null ? {} : { said: failure.detail });
const recovering = ({ goods }: LinkObservation, { goodToRecover, recoverySpacingMs }: LinkPolicy): Details => ({
  goods,
  goods_needed: goodToRecover,
  spacing_ms: recoverySpacingMs,
});
