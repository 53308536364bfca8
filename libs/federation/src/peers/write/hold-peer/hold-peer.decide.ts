import { type Decider, newEvent } from '@app/kernel';
import { type Peer, peer } from '../../peer.stream.js';
import { PeerHeld, type PeerId } from '../../events/index.js';

/** Which one the lost end of the log says something else of. */
export interface HoldPeer {
  readonly peer_id: PeerId;
}

/** What has no rights, or is held already, is left as it is. */
export const holdPeer: Decider<Peer, HoldPeer, typeof PeerHeld> = {
  on: ({ peer_id }) => peer.of(peer_id),
  passesUnreadable: true,
  decide: (known, { data: { peer_id } }) =>
    !(known.status === 'unknown' || known.status === 'removed') && known.held !== true ? [newEvent(PeerHeld, { peer_id })] : [],
};
