import { IsIn, IsInt, IsNumber, Min } from 'class-validator';
import { DomainEvent, type Instant, IsId, IsInstant, IsNullable, asId } from '@app/kernel';
import type { PeerId } from './peer-id.js';
import { PEER_STATUSES, type PeerStatusWord } from './peer-status.js';

const DIRECTIONS = ['in', 'out'] as const;

/**
 * A peer gave a sign of life that it signed: its heartbeat reached us (`in`), or it answered ours (`out`). Telemetry: two every 15 s
 * and peer, gone when the bounded stream is full; a roll-up keeps the last.
 *
 * Not this    that the peer is connected. That is judged from these, and is `federation.peer.status-changed`.
 */
@DomainEvent
export class HeartbeatReceived {
  static readonly kind = 'telemetry';
  static readonly type = 'federation.heartbeat.received';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: HeartbeatReceived = {
    peer_id: asId('peer-3f2a91bc04de77a1'),
    direction: 'out',
    seq: 4127,
    boot_id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    rtt_ms: 18.4,
    sent_at: '2026-02-01T12:00:00.031Z',
    their_view: 'connected',
    calls_in: 12,
    calls_out: 31,
  };
  static readonly streamId = (data: HeartbeatReceived): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;

  /** Which way the heartbeat went. */
  @IsIn(DIRECTIONS) readonly direction: (typeof DIRECTIONS)[number];

  /** Counts the heartbeats of one boot: `in` those of the peer, `out` ours. */
  @IsInt() @Min(1) readonly seq: number;

  /** Of the peer's process: a new one each time it starts. */
  @IsId() readonly boot_id: string;

  /** From our request to its whole answer, by our monotonic clock, ms; null: `in`. */
  @IsNullable() @IsNumber() @Min(0) readonly rtt_ms: number | null;

  /** By the peer's clock. */
  @IsInstant() readonly sent_at: Instant;

  /** What we are there. */
  @IsIn(PEER_STATUSES) readonly their_view: PeerStatusWord;

  /** Calls it has had of us, by its own count since its boot. */
  @IsInt() @Min(0) readonly calls_in: number;

  /** Calls it has sent us, by its own count since its boot. */
  @IsInt() @Min(0) readonly calls_out: number;
}
