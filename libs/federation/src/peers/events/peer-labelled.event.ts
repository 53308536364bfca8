import { DomainEvent, IsId, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';
import { IsLabel } from './peer-label.js';

/** An operator gave a peer another label. Nothing but its name on the page changes. */
@DomainEvent
export class PeerLabelled {
  static readonly kind = 'fact';
  static readonly type = 'federation.peer.labelled';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: PeerLabelled = { peer_id: asId('peer-3f2a91bc04de77a1'), label: 'Lisbon, third hall' };
  static readonly streamId = (data: PeerLabelled): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;

  @IsLabel() readonly label: string;
}
