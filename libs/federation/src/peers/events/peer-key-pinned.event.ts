import { DomainEvent, IsId, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';
import { IsKeyFingerprint, IsPublicKey } from './public-key.js';

/**
 * This instance remembers the key of a peer, as the peer showed it over the link. From here on the peer is held to it: another key, or none,
 * is shown amber, and calls flow all the same, since the shared secret is what lets them in.
 *
 * Emitted by  write/pin-peer-key: by the link for the first key that a verified peer shows, and by an admin for another one.
 */
@DomainEvent
export class PeerKeyPinned {
  static readonly kind = 'fact';
  static readonly type = 'federation.peer.key-pinned';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: PeerKeyPinned = {
    peer_id: asId('peer-3f2a91bc04de77a1'),
    public_key: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    key_fingerprint: '21fe-31df-a154-a261-626b-f854-046f-d227',
  };
  static readonly streamId = (data: PeerKeyPinned): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;

  @IsPublicKey() readonly public_key: string;

  @IsKeyFingerprint() readonly key_fingerprint: string;
}
