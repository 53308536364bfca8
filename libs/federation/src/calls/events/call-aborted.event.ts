import { IsIn, IsInt, Max, Min } from 'class-validator';
import { DomainEvent, IsNullable, asId } from '@app/kernel';
import { EndedCall } from './call-fields.js';
import { CALL_REASONS, type CallReason } from './call-reason.js';
import type { PeerId } from '../../peers/events/peer-id.js';

/**
 * An accepted call was given up before its answer had gone on whole: not the other end, but this instance or its caller ended it.
 *
 * Not this    that the task was cancelled. A caller that hangs up stops listening, and no more.
 */
@DomainEvent
export class CallAborted extends EndedCall {
  static readonly kind = 'call';
  static readonly type = 'federation.call.aborted';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: CallAborted = {
    record_id: '0b0e3c52-6f0b-4b6e-9d43-5f4c8e1b7a90',
    direction: 'out',
    peer_id: asId('peer-3f2a91bc04de77a1'),
    call_id: '01KGZ2J5V7C2M8N4P6Q1S3T5VW',
    reason: 'caller_gone',
    ended_at: '2026-02-01T12:00:00.000Z',
    http_status: 200,
    first_byte_ms: 38,
    total_ms: 20500,
    response_bytes: 904,
    sse_events: 3,
    task_id: 'task-9',
    context_id: 'ctx-81',
  };
  static readonly streamId = (data: CallAborted): PeerId => data.peer_id;

  @IsIn(CALL_REASONS.aborted) readonly reason: CallReason<'aborted'>;

  /** null: no answer came so far. */
  @IsNullable() @IsInt() @Min(100) @Max(599) readonly http_status: number | null;
}
