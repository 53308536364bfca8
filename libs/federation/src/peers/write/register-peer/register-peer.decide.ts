import { type Decider, newEvent, refuse, together } from '@app/kernel';
import { type PeerId, PeerRegistered, RemotePeerReserved } from '../../events/index.js';
import { type Peer, peer } from '../../peer.stream.js';
import type { Refused } from '../../refusals.js';
import { type RemotePeer, remotePeer } from '../../remote-peer.stream.js';

/** What was asked, with what the endpoint adds: the peer's id, where its secret is kept, and who we are. */
export interface PeerToRegister {
  readonly peer_id: PeerId;
  readonly remote_peer_id: string;
  readonly label: string;
  readonly url: string;
  readonly secret_id: string;
  readonly secret_version: number;
  readonly secret_fingerprint: string;
  readonly instance_id: string;
}

type Registration = typeof PeerRegistered | typeof RemotePeerReserved;
type No = Refused<'federation.peer-is-self' | 'federation.peer-exists'>;

export const registerPeer: Decider<{ peer: Peer; remote: RemotePeer }, PeerToRegister, Registration, No> = {
  on: ({ peer_id, remote_peer_id }) => together({ peer: peer.of(peer_id), remote: remotePeer.of(remote_peer_id) }),
  decide: ({ peer, remote }, { data: { instance_id, ...registered } }) => {
    const { peer_id, remote_peer_id } = registered;
    if (remote_peer_id === instance_id) return refuse('federation.peer-is-self', { remote_peer_id });
    if (peer.status !== 'unknown') return []; // Its id is made from the command's: this is that command again.
    if (remote.peer_id !== null) return refuse('federation.peer-exists', { remote_peer_id, peer_id: remote.peer_id });
    return [newEvent(PeerRegistered, registered), newEvent(RemotePeerReserved, { remote_peer_id, peer_id })];
  },
};
