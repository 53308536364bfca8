import { DomainEvent, IsId, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';

/**
 * An admin released a peer that was held: it is pending, active or suspended as the other facts say.
 */
@DomainEvent
export class PeerReleased {
  static readonly kind = 'fact';
  static readonly type = 'federation.peer.released';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: PeerReleased = { peer_id: asId('peer-3f2a91bc04de77a1') };
  static readonly streamId = (data: PeerReleased): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;
}
