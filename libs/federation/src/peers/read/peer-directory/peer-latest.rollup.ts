import { IsIn, IsNumber } from 'class-validator';
import { type Instant, IsId, IsInstant, IsNullable, rollupOf } from '@app/kernel';
import { HeartbeatMissed, HeartbeatReceived } from '../../events/index.js';
import { PEER_STATUSES, type PeerStatusWord } from '../../events/peer-status.js';

/** What the last heartbeats of one peer told. */
export class PeerLatest {
  @IsId() peer_id: string;

  /** Received from it, or answered by it. */
  @IsNullable() @IsInstant() last_heartbeat_at: Instant | null;

  @IsNullable() @IsNumber() rtt_ms: number | null;

  @IsNullable() @IsIn(PEER_STATUSES) their_view: PeerStatusWord | null;

  /** When it last answered one of ours. */
  @IsNullable() @IsInstant() answered_at: Instant | null;

  /** After one that was not answered; null: the last was. */
  @IsNullable() @IsInstant() retry_at: Instant | null;
}

/** What it said last stays when it falls silent. */
export const peerLatest = rollupOf(PeerLatest)({
  table: 'peer_latest',
  version: 1,
  id: 'peer_id',
  reads: [HeartbeatMissed, HeartbeatReceived],
  key: (event) => event.data.peer_id,
  on: {
    'federation.heartbeat.received': (before, { data, at }) => ({
      ...(before ?? nothing(data.peer_id)),
      last_heartbeat_at: at,
      their_view: data.their_view,
      ...(data.direction === 'in' ? {} : { rtt_ms: data.rtt_ms, answered_at: at, retry_at: null }),
    }),
    'federation.heartbeat.missed': (before, { data: { peer_id, next_retry_at } }) => ({
      ...(before ?? nothing(peer_id)),
      retry_at: next_retry_at,
    }),
  },
});

const nothing = (peer_id: string): PeerLatest => ({
  peer_id,
  last_heartbeat_at: null,
  rtt_ms: null,
  their_view: null,
  answered_at: null,
  retry_at: null,
});
