import { IsIn, IsInt, Max, Min } from 'class-validator';
import { DomainEvent, type Instant, IsId, IsInstant, IsNullable, asId } from '@app/kernel';
import { CALL_REASONS, type CallReason } from './call-reason.js';
import { IsRef } from './call-text.js';
import { DIRECTIONS, type Direction } from './direction.js';
import type { PeerId } from './peer-id.js';

/**
 * An accepted call was given up before its answer had gone on whole: not the other end, but this instance or its caller ended it.
 *
 * Not this    that the task was cancelled. A caller that hangs up stops listening, and no more.
 */
@DomainEvent
export class CallAborted {
  static readonly kind = 'call';
  static readonly type = 'federation.call.aborted';
  static readonly version = 1;
  static readonly past = {};
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

  /** Of this record, and of no other; ours. */
  @IsId() readonly record_id: string;

  @IsIn(DIRECTIONS) readonly direction: Direction;

  @IsId() readonly peer_id: PeerId;

  /** The same on both sides; chosen by the side that calls, which may choose one twice. */
  @IsId() readonly call_id: string;

  @IsIn(CALL_REASONS.aborted) readonly reason: CallReason<'aborted'>;

  /** When it ended. It may be written later: an ending waits for a log that does not answer. */
  @IsInstant() readonly ended_at: Instant;

  /** null: no answer came so far. */
  @IsNullable() @IsInt() @Min(100) @Max(599) readonly http_status: number | null;

  /** From the request to the first byte of the answer; null: none came. */
  @IsNullable() @IsInt() @Min(0) readonly first_byte_ms: number | null;

  /** From the request to the last byte. */
  @IsInt() @Min(0) readonly total_ms: number;

  @IsInt() @Min(0) readonly response_bytes: number;

  /** How many events the stream had; null: the answer was none. */
  @IsNullable() @IsInt() @Min(0) readonly sse_events: number | null;

  /** As the answer says, where the request did not. */
  @IsNullable() @IsRef() readonly task_id: string | null;

  @IsNullable() @IsRef() readonly context_id: string | null;
}
