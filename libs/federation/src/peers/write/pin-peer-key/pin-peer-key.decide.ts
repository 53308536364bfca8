import { type Decider, newEvent, refuse } from '@app/kernel';
import { type PeerId, PeerKeyPinned } from '../../events/index.js';
import { type Peer, peer } from '../../peer.stream.js';
import type { Refused } from '../../refusals.js';
import type { PinPeerKey } from './pin-peer-key.command.js';

/** A key of which the peer has shown that it holds the private half. */
export interface Proven {
  readonly public_key: string;
  readonly fingerprint: string;
}

/** `shown`: what the peer shows now, as the process that speaks with it has seen; null: nothing that it proves. */
type Asked = PinPeerKey & { readonly shown: Proven | null };
type No = Refused<'federation.peer-unknown' | 'federation.key-not-shown' | 'federation.key-differs'>;

/** An admin pins the key of a peer, instead of the one that is pinned. It must be the one that the peer shows. */
export const pinPeerKey: Decider<Peer, Asked, typeof PeerKeyPinned, No> = {
  on: ({ peer_id }) => peer.of(peer_id),
  decide: (peer, { data: { peer_id, fingerprint, shown } }) => {
    if (peer.status === 'unknown' || peer.status === 'removed') return refuse('federation.peer-unknown', { peer_id });
    if (peer.key === fingerprint) return [];
    if (shown === null) return refuse('federation.key-not-shown', { peer_id });
    if (shown.fingerprint !== fingerprint) return refuse('federation.key-differs', { peer_id, fingerprint, shown: shown.fingerprint });
    return [newEvent(PeerKeyPinned, { peer_id, public_key: shown.public_key, key_fingerprint: fingerprint })];
  },
};

/** What the link saw. */
export interface KeyShown extends Proven {
  readonly peer_id: PeerId;
}

/** The first key that a verified peer shows is pinned. Any other needs an admin: it is no news here, and the link tells of it. */
export const pinFirstKey: Decider<Peer, KeyShown, typeof PeerKeyPinned> = {
  on: ({ peer_id }) => peer.of(peer_id),
  decide: (peer, { data: { peer_id, public_key, fingerprint } }) =>
    peer.status === 'active' && peer.held !== true && peer.key === undefined
      ? [newEvent(PeerKeyPinned, { peer_id, public_key, key_fingerprint: fingerprint })]
      : [],
};
