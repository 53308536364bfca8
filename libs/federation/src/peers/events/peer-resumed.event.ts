import { DomainEvent, IsId, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';

/** A suspension ended: by an operator, or because its `until` passed. The peer is again what it was, pending or active. */
@DomainEvent
export class PeerResumed {
  static readonly kind = 'fact';
  static readonly type = 'federation.peer.resumed';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: PeerResumed = { peer_id: asId('peer-3f2a91bc04de77a1') };
  static readonly streamId = (data: PeerResumed): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;
}
