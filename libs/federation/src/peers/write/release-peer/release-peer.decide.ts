import { type Decider, newEvent, refuse } from '@app/kernel';
import { type Peer, peer } from '../../peer.stream.js';
import { PeerReleased } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import type { ReleasePeer } from './release-peer.command.js';

export const releasePeer: Decider<Peer, ReleasePeer, typeof PeerReleased, Refused<'federation.peer-unknown'>> = {
  on: ({ peer_id }) => peer.of(peer_id),
  decide: (known, { data: { peer_id } }) => {
    if (known.status === 'unknown' || known.status === 'removed') return refuse('federation.peer-unknown', { peer_id });
    return known.held === true ? [newEvent(PeerReleased, { peer_id })] : []; // Asking twice is not an error.
  },
};
