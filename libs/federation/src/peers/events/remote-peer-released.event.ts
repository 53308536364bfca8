import { DomainEvent, IsId, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';

/** The peer that had this `remote_peer_id` was removed: it may be registered again. */
@DomainEvent
export class RemotePeerReleased {
  static readonly kind = 'fact';
  static readonly type = 'federation.remote-peer.released';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: RemotePeerReleased = { remote_peer_id: 'inst-7f3q', peer_id: asId('peer-3f2a91bc04de77a1') };
  static readonly streamId = (data: RemotePeerReleased): string => data.remote_peer_id;

  @IsId() readonly remote_peer_id: string;

  @IsId() readonly peer_id: PeerId;
}
