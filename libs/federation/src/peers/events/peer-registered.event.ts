import { IsInt, Min } from 'class-validator';
import { DomainEvent, IsId, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';
import { IsLabel } from './peer-label.js';
import { IsPeerUrl } from './peer-url.js';
import { IsFingerprint } from './secret-fingerprint.js';

/**
 * An operator registered a peer, and no more than that: it is pending.
 *
 * Invariant   stored together with `federation.remote-peer.reserved`, so that no two peers have one `remote_peer_id`.
 * Not this    that the peer is who it says. That is `federation.peer.verified`, and until then no A2A call flows.
 */
@DomainEvent
export class PeerRegistered {
  static readonly kind = 'fact';
  static readonly type = 'federation.peer.registered';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: PeerRegistered = {
    peer_id: asId('peer-3f2a91bc04de77a1'),
    remote_peer_id: 'inst-7f3q',
    label: 'Lisbon, second hall',
    url: 'https://lisbon.example',
    secret_id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    secret_version: 1,
    secret_fingerprint: '5c1e-0b77-a9d2-43f0',
  };
  static readonly streamId = (data: PeerRegistered): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;

  /** The peer's own instance id, which its signatures bind: identity is this, never the URL. Its choice, so no `PeerId` of ours. */
  @IsId() readonly remote_peer_id: string;

  @IsLabel() readonly label: string;

  /** Where it answers. */
  @IsPeerUrl() readonly url: string;

  /** Which shared secret signs the calls. A reference: the secret itself is in no event. */
  @IsId() readonly secret_id: string;

  /** Counts up with each rotation. */
  @IsInt() @Min(1) readonly secret_version: number;

  @IsFingerprint() readonly secret_fingerprint: string;
}
