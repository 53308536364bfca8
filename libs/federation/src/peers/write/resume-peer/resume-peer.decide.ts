import { type Decider, newEvent, refuse } from '@app/kernel';
import { PeerResumed } from '../../events/index.js';
import { type Peer, peer } from '../../peer.stream.js';
import type { Refused } from '../../refusals.js';
import type { ResumePeer } from './resume-peer.command.js';

export const resumePeer: Decider<Peer, ResumePeer, typeof PeerResumed, Refused<'federation.peer-unknown'>> = {
  on: ({ peer_id }) => peer.of(peer_id),
  decide: (peer, { data: { peer_id } }) => {
    switch (peer.status) {
      case 'unknown':
      case 'removed':
        return refuse('federation.peer-unknown', { peer_id });
      case 'pending':
      case 'active':
        return [];
      case 'suspended':
        return [newEvent(PeerResumed, { peer_id })];
    }
  },
};
