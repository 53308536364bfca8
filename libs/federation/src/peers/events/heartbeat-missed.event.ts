import { IsIn, IsInt, Min } from 'class-validator';
import { DomainEvent, type Instant, IsId, IsInstant, IsText, asId } from '@app/kernel';
import { LINK_REASONS, type LinkReason } from './link-reason.js';
import type { PeerId } from './peer-id.js';

/**
 * A heartbeat of ours, or the challenge before the first, was not answered as it should be. Telemetry: what a status on the peer
 * rests on, and when it is tried again.
 *
 * Not this    that the peer is disconnected. One attempt says little; that is `federation.peer.status-changed`.
 */
@DomainEvent
export class HeartbeatMissed {
  static readonly kind = 'telemetry';
  static readonly type = 'federation.heartbeat.missed';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: HeartbeatMissed = {
    peer_id: asId('peer-3f2a91bc04de77a1'),
    reason: 'connect_refused',
    detail: 'lisbon.example refuses connections.',
    failures: 4,
    next_retry_at: '2026-02-01T12:00:09.480Z',
  };
  static readonly streamId = (data: HeartbeatMissed): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;

  @IsIn(LINK_REASONS) readonly reason: LinkReason;

  /** At most 300 characters. */
  @IsText(300) readonly detail: string;

  /** Attempts in a row that failed, with this one. */
  @IsInt() @Min(1) readonly failures: number;

  @IsInstant() readonly next_retry_at: Instant;
}
