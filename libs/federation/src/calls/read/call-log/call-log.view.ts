import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { type Instant, IsId, IsInstant, IsNullable, IsPosition } from '@app/kernel';
import { BINDINGS, type Binding, PROTOCOL_VERSIONS, type ProtocolVersion } from '../../events/a2a-words.js';
import { IsAgentName } from '../../../routing/events/agent-name.js';
import { CALL_REASONS, type CallReason } from '../../events/call-reason.js';
import { IsMethod, IsRef, IsTraceId } from '../../events/call-text.js';
import { DIRECTIONS } from '../../events/direction.js';
import type { Direction } from '../../events/index.js';
import type { MethodClass } from '../../../routing/events/index.js';
import { METHOD_CLASSES } from '../../../routing/events/method-class.js';

export const OUTCOMES = ['open', 'completed', 'failed', 'aborted', 'denied', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const REASONS = Object.values(CALL_REASONS).flat();
const REF = { type: String, nullable: true } as const;
const COUNT = { type: 'integer', nullable: true } as const;

/** What is on record of one call. */
class CallOnRecord {
  @ApiProperty({ description: 'The same on both sides; chosen by the side that calls' }) @IsId() call_id: string;

  @ApiProperty({ enum: DIRECTIONS }) @IsIn(DIRECTIONS) direction: Direction;

  @ApiProperty() @IsId() peer_id: string;

  @ApiProperty() @IsAgentName() agent: string;

  @ApiProperty({ ...REF, description: 'As the caller wrote it, cut to 64 characters' }) @IsNullable() @IsMethod() method: string | null;

  @ApiProperty({ enum: METHOD_CLASSES }) @IsIn(METHOD_CLASSES) method_class: MethodClass;

  @ApiProperty({ ...REF, enum: PROTOCOL_VERSIONS }) @IsNullable() @IsIn(PROTOCOL_VERSIONS) protocol_version: ProtocolVersion | null;

  @ApiProperty({ ...REF, enum: BINDINGS }) @IsNullable() @IsIn(BINDINGS) binding: Binding | null;

  @ApiProperty({ ...REF, description: 'The JSON text of the id of the request' }) @IsNullable() @IsRef() rpc_id: string | null;

  @ApiProperty(REF) @IsNullable() @IsRef() task_id: string | null;

  @ApiProperty(REF) @IsNullable() @IsRef() context_id: string | null;

  @ApiProperty(REF) @IsNullable() @IsRef() message_id: string | null;

  @ApiProperty({ enum: OUTCOMES, description: 'open: under way; unknown: whoever could say is gone' }) @IsIn(OUTCOMES) outcome: Outcome;

  @ApiProperty({ ...REF, enum: REASONS, description: 'null: it is open, or completed' })
  @IsNullable()
  @IsIn(REASONS)
  reason: CallReason | null;

  @ApiProperty(COUNT) @IsNullable() @IsInt() http_status: number | null;

  @ApiProperty({ ...COUNT, description: 'Of a JSON-RPC error, whatever the HTTP status' }) @IsNullable() @IsInt() rpc_error_code:
    number | null;

  @ApiProperty({ type: String, format: 'date-time', description: 'When it was let through, or denied' }) @IsInstant() accepted_at: Instant;

  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @IsNullable() @IsInstant() ended_at: Instant | null;

  @ApiProperty(COUNT) @IsNullable() @IsInt() @Min(0) first_byte_ms: number | null;

  @ApiProperty(COUNT) @IsNullable() @IsInt() @Min(0) total_ms: number | null;

  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) request_bytes: number;

  @ApiProperty(COUNT) @IsNullable() @IsInt() @Min(0) response_bytes: number | null;

  @ApiProperty({ ...COUNT, description: 'null: the answer was no stream' }) @IsNullable() @IsInt() @Min(0) sse_events: number | null;

  @ApiProperty({ ...REF, description: 'Which rule decided; null: none matched' }) @IsNullable() @IsId() rule_id: string | null;

  @ApiProperty(COUNT) @IsNullable() @IsInt() @Min(1) rule_version: number | null;

  @ApiProperty({ ...REF, description: 'Which of its callers the calling side says it was; opaque' }) @IsNullable() @IsRef() caller:
    string | null;

  @ApiProperty({ description: 'Who made it, as events name them: token:<token_id> of a call out, peer:<peer_id> of one in' })
  @IsString()
  actor: string;

  @ApiProperty({ ...REF, description: 'Which secret signed it: a reference' }) @IsNullable() @IsRef() key_id: string | null;

  @ApiProperty(REF) @IsNullable() @IsTraceId() trace_id: string | null;
}

/** One call as the outside sees it. */
export class Call extends CallOnRecord {
  @ApiProperty({ ...REF, description: 'What the token that made it is called; null to viewers, and of a call in' })
  @IsNullable()
  @IsString()
  caller_name: string | null;

  @ApiProperty({ description: 'How it went, for people' }) @IsString() sentence: string;
}

/** The row. */
export class CallRow extends CallOnRecord {
  @IsId() record_id: string;

  /** Where in the calls it was accepted, or denied: rows have this order, and keep it. */
  @IsInt() @Min(1) position: number;

  /** The run of the process that held it; null: it was denied. */
  @IsNullable() @IsId() boot_id: string | null;
}

export class CallQuery {
  @ApiProperty({ required: false, description: 'The position a command answered with: the answer holds what it wrote' })
  @IsOptional()
  @IsPosition()
  after?: string;
}

export class CallPath {
  @ApiProperty() @IsId() call_id: string;
}

export class CallsOfPath {
  @ApiProperty() @IsId() peer_id: string;
}

/** The position of the last call of a page; opaque outside. */
export const CURSOR = /^c(?<position>\d{1,15})$/;

export class CallListQuery extends CallQuery {
  @ApiProperty({ required: false, enum: DIRECTIONS }) @IsOptional() @IsIn(DIRECTIONS) direction?: Direction;

  @ApiProperty({ required: false, enum: OUTCOMES }) @IsOptional() @IsIn(OUTCOMES) outcome?: Outcome;

  @ApiProperty({ required: false, type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  @ApiProperty({ type: String, required: false, description: 'The next_cursor of the page before' })
  @IsOptional()
  @Matches(CURSOR, { message: '$property must be a next_cursor as it was answered' })
  cursor?: string;
}
