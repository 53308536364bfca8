import type { Instant } from '@app/kernel';

/** What was wrong with a request whose signature holds otherwise: it was made with the secret of the peer. */
export type RefusalCause =
  /** By how much the clock of the peer is ahead of ours, ms. */
  | { readonly kind: 'clock'; readonly aheadMs: number }
  /** Host that it signed for, those that are accepted here, and when an alias that it used ended. */
  | { readonly kind: 'address'; readonly signedFor: string; readonly accepted: readonly string[]; readonly endedAt: Instant | null }
  /** The instance id that the holder of the secret gives itself. */
  | { readonly kind: 'peer_id'; readonly says: string };
