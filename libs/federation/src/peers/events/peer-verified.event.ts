import { DomainEvent, IsId, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';

/**
 * The mutual challenge succeeded: both sides hold the secret, the peer is active, and A2A calls may flow both ways. A challenge
 * that was under way when the peer was suspended may end here too: the suspension stands, and a resumption finds the peer active.
 */
@DomainEvent
export class PeerVerified {
  static readonly kind = 'fact';
  static readonly type = 'federation.peer.verified';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: PeerVerified = { peer_id: asId('peer-3f2a91bc04de77a1') };
  static readonly streamId = (data: PeerVerified): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;
}
