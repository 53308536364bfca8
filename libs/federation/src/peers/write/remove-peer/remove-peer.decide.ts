import { type Decider, newEvent, refuse, together } from '@app/kernel';
import { PeerRemoved, RemotePeerReleased } from '../../events/index.js';
import { type Peer, peer } from '../../peer.stream.js';
import type { Refused } from '../../refusals.js';
import { type RemotePeer, remotePeer } from '../../remote-peer.stream.js';
import type { RemovePeer } from './remove-peer.command.js';

/** What was asked, and the peer's `remote_peer_id`: it never changes, so that the endpoint may look it up beforehand. */
export interface PeerToRemove extends RemovePeer {
  readonly remote_peer_id: string;
}

type Removal = typeof PeerRemoved | typeof RemotePeerReleased;

export const removePeer: Decider<{ peer: Peer; remote: RemotePeer }, PeerToRemove, Removal, Refused<'federation.peer-unknown'>> = {
  on: ({ peer_id, remote_peer_id }) => together({ peer: peer.of(peer_id), remote: remotePeer.of(remote_peer_id) }),
  passesUnreadable: true,
  decide: ({ peer }, { data: { peer_id, remote_peer_id } }) => {
    switch (peer.status) {
      case 'unknown':
        return refuse('federation.peer-unknown', { peer_id });
      case 'removed':
        return [];
      case 'pending':
      case 'active':
      case 'suspended':
        return [newEvent(PeerRemoved, { peer_id }), newEvent(RemotePeerReleased, { remote_peer_id, peer_id })];
    }
  },
};
