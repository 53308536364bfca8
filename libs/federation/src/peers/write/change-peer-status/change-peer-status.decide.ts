import { type Decider, newEvent, refuse } from '@app/kernel';
import { PeerStatusChanged } from '../../events/index.js';
import { type Peer, peer } from '../../peer.stream.js';
import type { Refused } from '../../refusals.js';

type No = Refused<'federation.peer-unknown' | 'federation.verdict-overtaken'>;

/**
 * A verdict on a link becomes a fact. It says from what it was reached (`from`): where the facts say something else by now, the
 * lifecycle changed or another process judged in the meantime, and this one must go on from there. Of a suspended peer nothing is
 * said but that.
 */
export const changePeerStatus: Decider<Peer, PeerStatusChanged, typeof PeerStatusChanged, No> = {
  on: ({ peer_id }) => peer.of(peer_id),
  decide: (peer, { data }) => {
    const { peer_id, from, to, reason } = data;
    if (peer.status === 'unknown' || peer.status === 'removed') return refuse('federation.peer-unknown', { peer_id });
    if (peer.status === 'suspended' || peer.held) return refuse('federation.verdict-overtaken', { peer_id, status: 'suspended', from });
    const now = peer.lastStatus ?? { to: peer.status === 'pending' ? 'pending' : 'unknown', reason: null };
    if (now.to === to && now.reason === reason) return []; // Whoever else judged came to the same.
    if (now.to !== from) return refuse('federation.verdict-overtaken', { peer_id, status: now.to, from });
    return [newEvent(PeerStatusChanged, data)];
  },
};
