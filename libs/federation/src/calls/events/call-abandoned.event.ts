import { DomainEvent, IsId, asId } from '@app/kernel';
import { OfCall } from './call-fields.js';
import type { PeerId } from '../../peers/events/peer-id.js';

/**
 * The process that held an accepted call is gone, and did not say how the call ended. Nobody ever will: its outcome is unknown.
 */
@DomainEvent
export class CallAbandoned extends OfCall {
  static readonly kind = 'call';
  static readonly type = 'federation.call.abandoned';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: CallAbandoned = {
    record_id: '0b0e3c52-6f0b-4b6e-9d43-5f4c8e1b7a90',
    direction: 'out',
    peer_id: asId('peer-3f2a91bc04de77a1'),
    call_id: '01KGZ2J5V7C2M8N4P6Q1S3T5VW',
    boot_id: '3f1c7f0e-4a55-4f0e-9c1d-0d1f5a7b9e21',
  };
  static readonly streamId = (data: CallAbandoned): PeerId => data.peer_id;

  /** The run that is over. */
  @IsId() readonly boot_id: string;
}
