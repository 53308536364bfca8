import type { LinkReason } from '../events/link-reason.js';
import type { PeerStatusWord } from '../events/peer-status.js';
import type { LinkPolicy } from './policy.js';

/** Why the last attempt failed. */
export interface Failure {
  readonly reason: LinkReason;
  /** A sentence. */
  readonly detail: string;
  /** How often in a row it was this reason. */
  readonly times: number;
}

/** What one process has seen of the link to one peer. Moments are those of our own `Clock.nowMs`, which never jump. */
export interface LinkObservation {
  /** Since when it has looked without a gap. What was before, it cannot tell. */
  readonly sinceMs: number;
  /** When the peer last answered as it should, since `sinceMs`; null: not yet. */
  readonly lastOutMs: number | null;
  /** When the peer last said something of its own accord, since `sinceMs`. */
  readonly lastInMs: number | null;
  /** When it last answered, whoever saw that; null: never. */
  readonly lastGoodMs: number | null;
  /** Attempts in a row that failed, and how many of the newest for a reason that waiting does not cure. */
  readonly failures: number;
  readonly hardFailures: number;
  readonly failingSinceMs: number | null;
  /** null: the last attempt did not fail. */
  readonly failure: Failure | null;
  /** Answers since the last failure, those counted that are far enough apart, and when the last of them was. */
  readonly goods: number;
  readonly lastCountedMs: number;
  /** The last round trips, ms, the newest last. */
  readonly rtts: readonly number[];
  /** By how much the peer's clock was ahead of ours at each of the last round trips, ms. */
  readonly clocks: readonly { readonly rttMs: number; readonly aheadMs: number }[];
  /** What we are there, as it last said. */
  readonly theirView: PeerStatusWord | null;
}

export const unseen = (nowMs: number, lastGoodMs: number | null): LinkObservation => ({
  sinceMs: nowMs,
  lastOutMs: null,
  lastInMs: null,
  lastGoodMs,
  failures: 0,
  hardFailures: 0,
  failingSinceMs: null,
  failure: null,
  goods: 0,
  lastCountedMs: 0,
  rtts: [],
  clocks: [],
  theirView: null,
});

/** A verified answer to something of ours. */
export interface Answer {
  readonly rttMs: number;
  readonly aheadMs: number;
  readonly theirView: PeerStatusWord;
}

export function answered(link: LinkObservation, { rttMs, aheadMs, theirView }: Answer, nowMs: number, policy: LinkPolicy): LinkObservation {
  const counts = link.goods === 0 || nowMs - link.lastCountedMs >= policy.recoverySpacingMs;
  return {
    ...link,
    lastOutMs: nowMs,
    lastGoodMs: nowMs,
    failures: 0,
    hardFailures: 0,
    failingSinceMs: null,
    failure: null,
    goods: counts ? link.goods + 1 : link.goods,
    lastCountedMs: counts ? nowMs : link.lastCountedMs,
    rtts: [...link.rtts, rttMs].slice(-policy.rttWindow),
    clocks: [...link.clocks, { rttMs, aheadMs }].slice(-policy.clockWindow),
    theirView,
  };
}

/** Nobody is there, or not who should be: to wait and ask again in the same breath changes nothing. */
const HARD: ReadonlySet<LinkReason> = new Set([
  'connect_refused',
  'host_unreachable',
  'network_unreachable',
  'address_unavailable',
  'outbound_denied',
  'dns_failure',
  'tls_failure',
]);

export const missed = (link: LinkObservation, { reason, detail }: Omit<Failure, 'times'>, nowMs: number): LinkObservation => ({
  ...link,
  failures: link.failures + 1,
  hardFailures: HARD.has(reason) ? link.hardFailures + 1 : 0,
  failingSinceMs: link.failingSinceMs ?? nowMs,
  failure: { reason, detail, times: link.failure?.reason === reason ? link.failure.times + 1 : 1 },
  goods: 0,
});

/** The peer itself said something that it signed. */
export const heard = (link: LinkObservation, theirView: PeerStatusWord | null, nowMs: number): LinkObservation => ({
  ...link,
  lastInMs: nowMs,
  theirView: theirView ?? link.theirView,
});

/** Nobody looked for a while, which says nothing of the peer: from here as after a start. */
export const unwatched = (link: LinkObservation, nowMs: number): LinkObservation => ({
  ...unseen(nowMs, link.lastGoodMs),
  theirView: link.theirView,
});

/** By how much the peer's clock is ahead of ours, ms, as the quickest of the last round trips tells; null: there was none. */
export const clockAheadMs = ({ clocks }: LinkObservation): number | null =>
  clocks.toSorted((a, b) => a.rttMs - b.rttMs)[0]?.aheadMs ?? null;

/** Whether it began to fail within the last grace window. */
export const justBegan = ({ failingSinceMs }: LinkObservation, nowMs: number, graceMs: number): boolean =>
  failingSinceMs !== null && nowMs - failingSinceMs < graceMs;

/**
 * Whether whoever looks should be doubted first: more than half of all links began to fail within the last grace window. That is
 * rather our network than all of theirs. The window over, each is judged like any other.
 */
export function isObserverSuspect(
  all: readonly LinkObservation[],
  nowMs: number,
  graceMs: number,
  { correlatedFailure }: LinkPolicy,
): boolean {
  const many = all.filter((link) => justBegan(link, nowMs, graceMs)).length;
  return many >= correlatedFailure.atLeast && many > correlatedFailure.share * all.length;
}
