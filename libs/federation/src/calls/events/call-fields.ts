import { IsIn, IsInt, Min } from 'class-validator';
import { type Instant, IsId, IsInstant, IsNullable } from '@app/kernel';
import { BINDINGS, type Binding, PROTOCOL_VERSIONS, type ProtocolVersion } from './a2a-words.js';
import { IsAgentName } from '../../routing/events/agent-name.js';
import { IsMethod, IsRef, IsTraceId } from './call-text.js';
import { DIRECTIONS, type Direction } from './direction.js';
import { METHOD_CLASSES, type MethodClass } from '../../routing/events/method-class.js';
import type { PeerId } from '../../peers/events/peer-id.js';

/** Which call an event is of. */
export class OfCall {
  /** Of this record, and of no other; ours. */
  @IsId() readonly record_id: string;

  @IsIn(DIRECTIONS) readonly direction: Direction;

  @IsId() readonly peer_id: PeerId;

  /** The same on both sides; chosen by the side that calls, which may choose one twice. */
  @IsId() readonly call_id: string;
}

/** What was asked for, and what decided on it. */
export class AskedCall extends OfCall {
  @IsAgentName() readonly agent: string;

  /** As the caller wrote it, cut to 64 characters; null: the request names none. */
  @IsNullable() @IsMethod() readonly method: string | null;

  @IsIn(METHOD_CLASSES) readonly method_class: MethodClass;

  @IsNullable() @IsIn(PROTOCOL_VERSIONS) readonly protocol_version: ProtocolVersion | null;

  @IsNullable() @IsIn(BINDINGS) readonly binding: Binding | null;

  /** The JSON text of the id the caller gave its request: `"7"` is not `7`. */
  @IsNullable() @IsRef() readonly rpc_id: string | null;

  @IsNullable() @IsRef() readonly task_id: string | null;

  @IsNullable() @IsRef() readonly context_id: string | null;

  @IsNullable() @IsRef() readonly message_id: string | null;

  /** Of the body. */
  @IsInt() @Min(0) readonly request_bytes: number;

  /** Which rule decided; null: none did. */
  @IsNullable() @IsId() readonly rule_id: string | null;

  /** Where in the facts that rule is. */
  @IsNullable() @IsInt() @Min(1) readonly rule_version: number | null;

  /** Which of its callers the calling side says it was; opaque. */
  @IsNullable() @IsRef() readonly caller: string | null;

  /** Which secret signed it: a reference. */
  @IsNullable() @IsRef() readonly key_id: string | null;

  /** As W3C trace context has it. */
  @IsNullable() @IsTraceId() readonly trace_id: string | null;
}

/** How an accepted call went, as far as it did. */
export class EndedCall extends OfCall {
  /** When it ended. It may be written later: an ending waits for a log that does not answer. */
  @IsInstant() readonly ended_at: Instant;

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
