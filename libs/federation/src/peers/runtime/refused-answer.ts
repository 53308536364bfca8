import type { LinkReason } from '../events/link-reason.js';
import { SKEW_S } from './envelope.js';
import type { RefusalAnswer } from './messages.js';
import { spanned } from './spanned.js';

export interface RefusedFor {
  readonly reason: LinkReason;
  /** A sentence. */
  readonly detail: string;
}

/** Seconds that a measured offset may be wrong by: a request takes so long at most, both ways. */
const UNSURE_S = 15;
const DAY_MS = 86_400_000;

/**
 * What a signed refusal says, when this side finds it to be so: the clocks are as far apart as it says by our own, or we did sign for the
 * address it names. undefined: it does not fit, and nothing is said of a cause.
 */
export function refusedFor(said: RefusalAnswer, host: string, aheadMs: number): RefusedFor | undefined {
  if (said.cause === 'clock') {
    const offMs = Math.abs(aheadMs);
    if (offMs < (SKEW_S - UNSURE_S) * 1_000 || offMs > DAY_MS) return undefined;
    const detail = `${host} refuses this instance since the clocks differ: the clock there is ${offsetOf(aheadMs)} ours, and signatures hold for ${spanned(SKEW_S * 1_000)}.`;
    return { reason: 'clock_skew', detail };
  }
  if (said.signed_for !== host || said.accepted === null) return undefined;
  const ended = said.ended_at === null ? '' : ` It was accepted until ${said.ended_at}.`;
  const detail = `${host} refuses this instance since it is asked by another address than its own: it was asked as ${said.signed_for}, and is ${said.accepted}.${ended}`;
  return { reason: 'address_mismatch', detail };
}

/** `10 min behind`, `2 h ahead of` */
export const offsetOf = (aheadMs: number): string => `${spanned(Math.abs(aheadMs))} ${aheadMs < 0 ? 'behind' : 'ahead of'}`;

/** What the date of an unsigned refusal says beside it: anybody could have written it, so that it is no cause. '': nothing of note. */
export function dateRemark(date: string | undefined, nowMs: number): string {
  const aheadMs = Date.parse(date ?? '') - nowMs;
  if (Number.isNaN(aheadMs) || Math.abs(aheadMs) < SKEW_S * 1_000 || Math.abs(aheadMs) > DAY_MS) return '';
  return ` Its answer is dated ${offsetOf(aheadMs)} the clock of this instance; signatures hold for ${spanned(SKEW_S * 1_000)}.`;
}
