import { IsIn, IsInt, Min } from 'class-validator';
import { DomainEvent, IsId, IsNullable, asId } from '@app/kernel';
import { IsAgentName } from './agent-name.js';
import { BINDINGS, type Binding, PROTOCOL_VERSIONS, type ProtocolVersion } from './a2a-words.js';
import { IsMethod, IsRef, IsTraceId } from './call-text.js';
import { DIRECTIONS, type Direction } from './direction.js';
import { METHOD_CLASSES, type MethodClass } from './method-class.js';
import type { PeerId } from './peer-id.js';

/**
 * A call was let through. It is written before the first byte goes on, so that there is no call without its record; what becomes of
 * it is said by the first of the endings that name the same record.
 *
 * Not this    what was said: no body, no header and no secret is in the record of a call.
 */
@DomainEvent
export class CallAccepted {
  static readonly kind = 'call';
  static readonly type = 'federation.call.accepted';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: CallAccepted = {
    record_id: '0b0e3c52-6f0b-4b6e-9d43-5f4c8e1b7a90',
    direction: 'out',
    peer_id: asId('peer-3f2a91bc04de77a1'),
    call_id: '01KGZ2J5V7C2M8N4P6Q1S3T5VW',
    boot_id: '3f1c7f0e-4a55-4f0e-9c1d-0d1f5a7b9e21',
    agent: 'planner',
    method: 'SendMessage',
    method_class: 'send',
    protocol_version: '1.0',
    binding: 'JSONRPC',
    rpc_id: '"7"',
    task_id: null,
    context_id: 'ctx-81',
    message_id: 'msg-4410',
    request_bytes: 412,
    rule_id: 'rule-5c10e2b7a9d243f0',
    rule_version: 48,
    caller: 'c-2f9a61d0',
    key_id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  };
  static readonly streamId = (data: CallAccepted): PeerId => data.peer_id;

  /** Of this record, and of no other; ours. */
  @IsId() readonly record_id: string;

  @IsIn(DIRECTIONS) readonly direction: Direction;

  @IsId() readonly peer_id: PeerId;

  /** The same on both sides; chosen by the side that calls, which may choose one twice. */
  @IsId() readonly call_id: string;

  /** The run of the process that holds it. When that is over, nobody is left who could say how the call ended. */
  @IsId() readonly boot_id: string;

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

  /** Which rule let it through; null: none was asked. */
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
