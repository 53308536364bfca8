import type { Instant, StoredEvent } from '@app/kernel';
import type { PeerId, PeerLabelled, PeerRegistered, PeerStatusChanged } from '../events/index.js';

/** The last PeerStatusChanged of a peer since its lifecycle changed. */
export type LastStatus = Pick<PeerStatusChanged, 'reason' | 'sentence' | 'last_good_at' | 'next_retry_at'> & {
  readonly status: PeerStatusChanged['to'];
  readonly since: Instant;
};

/** A registered peer as the processes that speak with it know it. */
export interface BookedPeer {
  readonly peer_id: PeerId;
  readonly remote_peer_id: string;
  readonly label: string;
  /** Where it answers: an origin, or a base path without a slash at its end. */
  readonly url: string;
  readonly lifecycle: 'pending' | 'active' | 'suspended';
  /** What its lifecycle is while it is held; null: it is not held, and `lifecycle` says it. A held one is suspended. */
  readonly unheld: BookedPeer['lifecycle'] | null;
  /** Whether a mutual challenge succeeded, also when it is suspended since. */
  readonly verified: boolean;
  readonly secret_id: string;
  /** What the secret is called on both sides: the `key_id` of an envelope. */
  readonly secret_fingerprint: string;
  /** What it was last judged to be; null: nothing but its lifecycle is known. */
  readonly last_status: LastStatus | null;
  /** Of the last fact about it. */
  readonly position: number;
}

/** One fact further; null: the peer is no more. What is said of a peer nobody registered changes nothing. */
export function booked(before: BookedPeer | undefined, fact: StoredEvent): BookedPeer | null {
  if (fact.type === 'federation.peer.registered') return fresh(fact.data as PeerRegistered, fact.position);
  if (before === undefined || fact.type === 'federation.peer.removed') return null;
  const free = before.unheld === null ? before : { ...before, lifecycle: before.unheld };
  const after = changed(free, fact);
  const isHeld = fact.type === 'federation.peer.held' || (before.unheld !== null && fact.type !== 'federation.peer.released');
  const held = isHeld ? { lifecycle: 'suspended' as const, unheld: after.lifecycle, last_status: null } : { unheld: null };
  return { ...after, ...held, position: fact.position };
}

function fresh({ peer_id, remote_peer_id, label, url, secret_id, secret_fingerprint }: PeerRegistered, position: number): BookedPeer {
  const registered = { peer_id, remote_peer_id, label, url, secret_id, secret_fingerprint };
  return { ...registered, lifecycle: 'pending', unheld: null, verified: false, last_status: null, position };
}

function changed(peer: BookedPeer, { type, data, at }: StoredEvent): BookedPeer {
  switch (type) {
    case 'federation.peer.labelled':
      return { ...peer, label: (data as PeerLabelled).label };
    case 'federation.peer.verified':
      return { ...peer, verified: true, ...(peer.lifecycle === 'suspended' ? {} : { lifecycle: 'active', last_status: null }) };
    case 'federation.peer.suspended':
      return { ...peer, lifecycle: 'suspended', last_status: null };
    case 'federation.peer.resumed':
      return { ...peer, lifecycle: peer.verified ? 'active' : 'pending', last_status: null };
    case 'federation.peer.status-changed': {
      const { to, reason, sentence, last_good_at, next_retry_at } = data as PeerStatusChanged;
      return { ...peer, last_status: { status: to, reason, sentence, since: at, last_good_at, next_retry_at } };
    }
    default:
      return peer;
  }
}
