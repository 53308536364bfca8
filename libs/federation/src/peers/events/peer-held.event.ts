import { DomainEvent, IsId, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';

/**
 * The log lost its end and was accepted as it is. What the lost part held of a peer differs from what the log says now, so it opens nothing until
 * an admin releases it.
 */
@DomainEvent
export class PeerHeld {
  static readonly kind = 'fact';
  static readonly type = 'federation.peer.held';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: PeerHeld = { peer_id: asId('peer-3f2a91bc04de77a1') };
  static readonly streamId = (data: PeerHeld): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;
}
