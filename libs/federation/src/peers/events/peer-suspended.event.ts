import { DomainEvent, type Instant, IsId, IsInstant, IsNullable, IsText, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';

/**
 * A peer was suspended: from here on no A2A call is sent to it, and calls from it are refused. Of a peer that is suspended
 * already: the end of its suspension moved to `until`.
 *
 * Not this    why its calls fail. This is the decision, not the symptom.
 */
@DomainEvent
export class PeerSuspended {
  static readonly kind = 'fact';
  static readonly type = 'federation.peer.suspended';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: PeerSuspended = {
    peer_id: asId('peer-3f2a91bc04de77a1'),
    note: 'key rotation',
    until: '2026-03-01T06:00:00.000Z',
  };
  static readonly streamId = (data: PeerSuspended): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;

  /** Why, in the operator's own words; may be empty. At most 500 characters. */
  @IsText(500, { lines: true }) readonly note: string;

  /** When it lifts by itself; null: not before someone resumes the peer. */
  @IsNullable() @IsInstant() readonly until: Instant | null;
}
