import { type Decider, newEvent, refuse } from '@app/kernel';
import { PeerLabelled } from '../../events/index.js';
import { type Peer, peer } from '../../peer.stream.js';
import type { Refused } from '../../refusals.js';
import type { EditPeer } from './edit-peer.command.js';

export const editPeer: Decider<Peer, EditPeer, typeof PeerLabelled, Refused<'federation.peer-unknown'>> = {
  on: ({ peer_id }) => peer.of(peer_id),
  decide: (peer, { data: { peer_id, label } }) => {
    if (peer.status === 'unknown' || peer.status === 'removed') return refuse('federation.peer-unknown', { peer_id });
    return peer.label === label ? [] : [newEvent(PeerLabelled, { peer_id, label })];
  },
};
