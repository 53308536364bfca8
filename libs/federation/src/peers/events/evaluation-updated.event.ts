import { ArrayMaxSize, IsIn } from 'class-validator';
import { type Details, DomainEvent, IsDetails, IsId, IsNullable, IsText, asId } from '@app/kernel';
import { LINK_REASONS, type LinkReason } from './link-reason.js';
import type { PeerId } from './peer-id.js';
import { PEER_STATUSES, type PeerStatusWord } from './peer-status.js';

/**
 * An evaluation left status and reason of a peer as they are, and found other details. Telemetry: at most one every 5 s and peer; a roll-up
 * keeps the last. Stored after the fact that it details.
 *
 * Not this    that the peer is something else now. That is `federation.peer.status-changed`.
 */
@DomainEvent
export class EvaluationUpdated {
  static readonly kind = 'telemetry';
  static readonly type = 'federation.evaluation.updated';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: EvaluationUpdated = {
    peer_id: asId('peer-3f2a91bc04de77a1'),
    status: 'disconnected',
    reason: 'connect_refused',
    details: { attempts: 9, said: 'lisbon.example refuses connections.' },
    evidence: ['t81731', 't81736'],
  };
  static readonly streamId = (data: EvaluationUpdated): PeerId => data.peer_id;

  @IsId() readonly peer_id: PeerId;

  @IsIn(PEER_STATUSES) readonly status: PeerStatusWord;

  /** null: it is connected. */
  @IsNullable() @IsIn(LINK_REASONS) readonly reason: LinkReason | null;

  /** What the sentence is made of. */
  @IsDetails() readonly details: Details;

  /** Positions of the heartbeats it rests on. */
  @ArrayMaxSize(16) @IsText(64, { each: true }) readonly evidence: readonly string[];
}
