import { DomainEvent, IsId, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';

/**
 * An operator removed a peer: no A2A call is sent to it, and calls from it are refused. Its id is never used again; what it was
 * registered as may be registered anew, under another.
 *
 * Invariant   stored together with `federation.remote-peer.released`.
 */
@DomainEvent
export class PeerRemoved {
  static readonly kind = 'fact';
  static readonly type = 'federation.peer.removed';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: PeerRemoved = { peer_id: asId('peer-3f2a91bc04de77a1') };
  static readonly streamId = (data: PeerRemoved): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;
}
