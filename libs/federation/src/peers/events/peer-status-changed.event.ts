import { ArrayMaxSize, IsIn, IsInt, Min } from 'class-validator';
import { type Details, DomainEvent, type Instant, IsDetails, IsId, IsInstant, IsNullable, IsText, asId, storedSentence } from '@app/kernel';
import { LINK_REASONS, type LinkReason } from './link-reason.js';
import type { PeerId } from './peer-id.js';
import { PEER_STATUSES, type PeerStatusWord } from './peer-status.js';

/** Its sentence was stored, and named what was so when it was judged. */
class PeerStatusChangedV1 {
  static readonly example: PeerStatusChangedV1 = {
    peer_id: asId('peer-3f2a91bc04de77a1'),
    from: 'degraded',
    to: 'disconnected',
    reason: 'connect_refused',
    sentence: 'No answer for 51 s, 4 attempts failed: lisbon.example refuses connections.',
    last_good_at: '2026-02-01T11:59:14.120Z',
    next_retry_at: '2026-02-01T12:00:09.480Z',
    evidence: ['t81720', 't81724', 't81727'],
    policy_version: 1,
  };
  static readonly toNext = ({ sentence, ...rest }: PeerStatusChangedV1): PeerStatusChanged => ({
    ...rest,
    details: storedSentence(sentence),
  });

  @IsId() readonly peer_id: PeerId;

  @IsIn(PEER_STATUSES) readonly from: PeerStatusWord;

  @IsIn(PEER_STATUSES) readonly to: PeerStatusWord;

  @IsNullable() @IsIn(LINK_REASONS) readonly reason: LinkReason | null;

  @IsText(500) readonly sentence: string;

  @IsNullable() @IsInstant() readonly last_good_at: Instant | null;

  @IsNullable() @IsInstant() readonly next_retry_at: Instant | null;

  @ArrayMaxSize(16) @IsText(64, { each: true }) readonly evidence: readonly string[];

  @IsInt() @Min(1) readonly policy_version: number;
}

/**
 * The link to a peer was judged to be something else than before, or to be so for another reason (`from` is then `to`).
 *
 * Emitted by  write/change-peer-status, which the link supervisor asks.
 * Invariant   `from` is what the facts before say: the `to` of the last one, or, after a change of its lifecycle, what that says.
 * Not this    a change of its lifecycle. Those have their own facts, which say how it is until it is judged again.
 */
@DomainEvent
export class PeerStatusChanged {
  static readonly kind = 'fact';
  static readonly type = 'federation.peer.status-changed';
  static readonly version = 2;
  static readonly past = { 1: PeerStatusChangedV1 };
  static readonly example: PeerStatusChanged = {
    peer_id: asId('peer-3f2a91bc04de77a1'),
    from: 'degraded',
    to: 'disconnected',
    reason: 'connect_refused',
    details: { attempts: 4, said: 'lisbon.example refuses connections.' },
    last_good_at: '2026-02-01T11:59:14.120Z',
    next_retry_at: '2026-02-01T12:00:09.480Z',
    evidence: ['t81720', 't81724', 't81727'],
    policy_version: 1,
  };
  static readonly streamId = (data: PeerStatusChanged): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;

  @IsIn(PEER_STATUSES) readonly from: PeerStatusWord;

  @IsIn(PEER_STATUSES) readonly to: PeerStatusWord;

  /** null: it is connected. */
  @IsNullable() @IsIn(LINK_REASONS) readonly reason: LinkReason | null;

  /** What was measured and named. The sentence is made of it when it is read. */
  @IsDetails() readonly details: Details;

  /** When it last answered us as it should; null: never. */
  @IsNullable() @IsInstant() readonly last_good_at: Instant | null;

  /** When it is tried again; null: it answers, and the next heartbeat is due as always. */
  @IsNullable() @IsInstant() readonly next_retry_at: Instant | null;

  /** Positions of the heartbeats it was judged by, those that came and those that did not. Empty where the log kept none. */
  @ArrayMaxSize(16) @IsText(64, { each: true }) readonly evidence: readonly string[];

  /** The thresholds in force. */
  @IsInt() @Min(1) readonly policy_version: number;
}
