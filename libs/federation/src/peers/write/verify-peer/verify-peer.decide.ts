import { type Decider, newEvent } from '@app/kernel';
import { type PeerId, PeerVerified } from '../../events/index.js';
import { type Peer, peer } from '../../peer.stream.js';

/** Which peer answered the challenge, and with which secret. */
export interface Challenged {
  readonly peer_id: PeerId;
  readonly secret_id: string;
}

/**
 * A mutual challenge succeeded. It makes a pending peer active, and is nothing new of any other; with a secret that is not the
 * peer's any more it shows nothing.
 */
export const verifyPeer: Decider<Peer, Challenged, typeof PeerVerified> = {
  on: ({ peer_id }) => peer.of(peer_id),
  decide: (peer, { data: { peer_id, secret_id } }) => {
    if (peer.status === 'unknown' || peer.status === 'removed' || peer.secret_id !== secret_id) return [];
    const isPending = peer.status === 'pending' || (peer.status === 'suspended' && peer.from === 'pending');
    return isPending ? [newEvent(PeerVerified, { peer_id })] : [];
  },
};
