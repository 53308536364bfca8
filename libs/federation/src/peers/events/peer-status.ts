/** What a peer can be said to be. Those between pending and suspended say how its link is; the health of each word is in the kernel. */
export const PEER_STATUSES = [
  'pending',
  'connected',
  'degraded',
  'disconnected',
  'auth_failed',
  'incompatible',
  'suspended',
  'unknown',
] as const;
export type PeerStatusWord = (typeof PEER_STATUSES)[number];
