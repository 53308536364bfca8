import { type Decider, newEvent } from '@app/kernel';
import { type PeerId, PeerResumed } from '../../events/index.js';
import { type Peer, peer } from '../../peer.stream.js';

/** A suspension ends by itself when its `until` has come, and at no other time, whatever made somebody ask. */
export const endSuspension: Decider<Peer, { readonly peer_id: PeerId }, typeof PeerResumed> = {
  on: ({ peer_id }) => peer.of(peer_id),
  decide: (peer, { data: { peer_id }, at }) =>
    peer.status === 'suspended' && peer.until !== null && peer.until <= at ? [newEvent(PeerResumed, { peer_id })] : [],
};
