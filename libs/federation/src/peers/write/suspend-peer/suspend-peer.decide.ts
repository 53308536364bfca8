import { type Decider, newEvent, refuse } from '@app/kernel';
import { PeerSuspended } from '../../events/index.js';
import { type Peer, peer } from '../../peer.stream.js';
import type { Refused } from '../../refusals.js';
import type { SuspendPeer } from './suspend-peer.command.js';

type No = Refused<'federation.peer-unknown' | 'federation.until-not-ahead'>;

export const suspendPeer: Decider<Peer, SuspendPeer, typeof PeerSuspended, No> = {
  on: ({ peer_id }) => peer.of(peer_id),
  passesUnreadable: true,
  decide: (peer, { data: { peer_id, note, until }, at }) => {
    switch (peer.status) {
      case 'unknown':
      case 'removed':
        return refuse('federation.peer-unknown', { peer_id });
      case 'suspended':
        if (peer.until === until) return []; // Asking twice is not an error: a retried command must land on its feet.
        break; // Another end is another decision: silence would leave the old one standing.
      case 'pending': // Its challenge may succeed at any moment; who doubts the peer need not wait for that.
      case 'active':
    }
    if (until !== null && until <= at) return refuse('federation.until-not-ahead', { until, at });
    return [newEvent(PeerSuspended, { peer_id, note, until })];
  },
};
