import { DomainEvent, IsId, asId } from '@app/kernel';
import { AskedCall } from './call-fields.js';
import type { PeerId } from '../../peers/events/peer-id.js';

/**
 * A call was let through. It is written before the first byte goes on, so that there is no call without its record; what becomes of
 * it is said by the first of the endings that name the same record.
 *
 * Not this    what was said: no body, no header and no secret is in the record of a call.
 */
@DomainEvent
export class CallAccepted extends AskedCall {
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

  /** The run of the process that holds it. When that is over, nobody is left who could say how the call ended. */
  @IsId() readonly boot_id: string;
}
