import type { Instant, Status } from '@app/kernel';

export const LIFECYCLES = ['pending', 'active', 'suspended'] as const;

/** What a peer can be said to be. Those between pending and suspended say how its link is. */
export const PEER_STATUSES = [
  'pending',
  'connected',
  'degraded',
  'disconnected',
  'auth_failed',
  'incompatible',
  'suspended',
  'unknown',
] as const satisfies readonly Status[];

/** What is known of a peer: what facts say, and later what its heartbeats do. */
export type Standing =
  { readonly lifecycle: 'pending' | 'active' } | { readonly lifecycle: 'suspended'; readonly until: Instant | null; readonly note: string };

export interface PeerStatus {
  readonly status: (typeof PEER_STATUSES)[number];
  readonly reason: 'never_connected' | 'suspended_by_operator' | 'observer_unhealthy' | null;
  /** For people; may change. */
  readonly sentence: string;
}

/**
 * How a peer is, in one place for rows, answers, CLI and metrics.
 *
 * pending    until the mutual challenge.
 * suspended  by an operator, whatever its link does.
 * active     says nothing of the link. Green needs the evidence of a recent round trip, and where nobody looks there is none: unknown.
 */
export function deriveStatus(peer: Standing): PeerStatus {
  switch (peer.lifecycle) {
    case 'pending':
      return {
        status: 'pending',
        reason: 'never_connected',
        sentence: 'Waiting for the mutual challenge: this side has registered the peer; the other side has not answered yet.',
      };
    case 'active':
      return { status: 'unknown', reason: 'observer_unhealthy', sentence: 'The peer is verified, but nobody is watching its link.' };
    case 'suspended': {
      const end = peer.until === null ? 'until further notice' : `until ${peer.until}`;
      return {
        status: 'suspended',
        reason: 'suspended_by_operator',
        sentence: `Suspended by an operator ${end}${peer.note === '' ? '.' : `: ${peer.note}`}`,
      };
    }
  }
}
