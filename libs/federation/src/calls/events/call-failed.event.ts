import { IsIn, IsInt, Max, Min } from 'class-validator';
import { DomainEvent, IsNullable, asId } from '@app/kernel';
import { EndedCall } from './call-fields.js';
import { CALL_REASONS, type CallReason } from './call-reason.js';
import type { PeerId } from '../../peers/events/peer-id.js';

/**
 * An accepted call came to no good answer: none came, or it says that the call failed. A JSON-RPC error is a failure though the HTTP
 * status that carries it is 200.
 */
@DomainEvent
export class CallFailed extends EndedCall {
  static readonly kind = 'call';
  static readonly type = 'federation.call.failed';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: CallFailed = {
    record_id: '0b0e3c52-6f0b-4b6e-9d43-5f4c8e1b7a90',
    direction: 'out',
    peer_id: asId('peer-3f2a91bc04de77a1'),
    call_id: '01KGZ2J5V7C2M8N4P6Q1S3T5VW',
    reason: 'rpc_error',
    ended_at: '2026-02-01T12:00:00.000Z',
    http_status: 200,
    rpc_error_code: -32001,
    first_byte_ms: 38,
    total_ms: 41,
    response_bytes: 118,
    sse_events: null,
    task_id: 'task-9',
    context_id: 'ctx-81',
  };
  static readonly streamId = (data: CallFailed): PeerId => data.peer_id;

  @IsIn(CALL_REASONS.failed) readonly reason: CallReason<'failed'>;

  /** null: no answer came so far. */
  @IsNullable() @IsInt() @Min(100) @Max(599) readonly http_status: number | null;

  /** null: it is no JSON-RPC error. */
  @IsNullable() @IsInt() readonly rpc_error_code: number | null;
}
