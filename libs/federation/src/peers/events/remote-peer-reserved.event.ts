import { DomainEvent, IsId, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';

/**
 * A `remote_peer_id` is taken by one of our peers. Its own stream, one per `remote_peer_id`, is what makes it unique: of two
 * registrations at once, the second finds that stream written to.
 */
@DomainEvent
export class RemotePeerReserved {
  static readonly kind = 'fact';
  static readonly type = 'federation.remote-peer.reserved';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: RemotePeerReserved = { remote_peer_id: 'inst-7f3q', peer_id: asId('peer-3f2a91bc04de77a1') };
  static readonly streamId = (data: RemotePeerReserved): string => data.remote_peer_id;

  @IsId() readonly remote_peer_id: string;

  @IsId() readonly peer_id: PeerId;
}
