import { IsInt, Max, Min } from 'class-validator';
import { DomainEvent, asId } from '@app/kernel';
import { EndedCall } from './call-fields.js';
import type { PeerId } from '../../peers/events/peer-id.js';

/**
 * An accepted call was answered, and the answer went on whole.
 *
 * Not this    that the agent did what it was asked: what it says of the task is in the answer, which is not recorded.
 */
@DomainEvent
export class CallCompleted extends EndedCall {
  static readonly kind = 'call';
  static readonly type = 'federation.call.completed';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: CallCompleted = {
    record_id: '0b0e3c52-6f0b-4b6e-9d43-5f4c8e1b7a90',
    direction: 'out',
    peer_id: asId('peer-3f2a91bc04de77a1'),
    call_id: '01KGZ2J5V7C2M8N4P6Q1S3T5VW',
    ended_at: '2026-02-01T12:00:00.000Z',
    http_status: 200,
    first_byte_ms: 38,
    total_ms: 1904,
    response_bytes: 2210,
    sse_events: 12,
    task_id: 'task-9',
    context_id: 'ctx-81',
  };
  static readonly streamId = (data: CallCompleted): PeerId => data.peer_id;

  @IsInt() @Min(100) @Max(599) readonly http_status: number;
}
