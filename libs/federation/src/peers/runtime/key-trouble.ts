import type { Details } from '@app/kernel';
import type { ShownKey } from './key-proof.adapter.js';

/** Why what a peer shows of its instance key needs an operator. */
export interface KeyTrouble {
  readonly reason: 'key_changed' | 'key_missing' | 'key_unproven';
  readonly details: Details;
}

/**
 * Compares what a peer shows with what is pinned (a fingerprint; null: nothing is). null: nothing is wrong. A peer that shows no key, and of
 * which none is pinned, is of an older release: it is not audited, and all else works.
 */
export function keyTrouble(pinned: string | null, shown: ShownKey | null): KeyTrouble | null {
  if (shown === null) return null;
  if (shown.kind === 'none') return pinned === null ? null : { reason: 'key_missing', details: { pinned } };
  if (shown.kind === 'unproven')
    return { reason: 'key_unproven', details: { shown: shown.fingerprint, ...(pinned === null ? {} : { pinned }) } };
  return pinned === null || pinned === shown.fingerprint ? null : { reason: 'key_changed', details: { shown: shown.fingerprint, pinned } };
}
