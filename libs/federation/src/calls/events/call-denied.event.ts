import { IsIn } from 'class-validator';
import { DomainEvent, asId } from '@app/kernel';
import { AskedCall } from './call-fields.js';
import { CALL_REASONS, type CallReason } from './call-reason.js';
import type { PeerId } from '../../peers/events/peer-id.js';

/**
 * A call was not let through: no byte of it went on. It was never accepted, and so this is all there is of it.
 *
 * Not this    a request nobody could be held to: what comes with no valid signature, or no token, is no call, and leaves no record.
 */
@DomainEvent
export class CallDenied extends AskedCall {
  static readonly kind = 'call';
  static readonly type = 'federation.call.denied';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: CallDenied = {
    record_id: '0b0e3c52-6f0b-4b6e-9d43-5f4c8e1b7a90',
    direction: 'out',
    peer_id: asId('peer-3f2a91bc04de77a1'),
    call_id: '01KGZ2J5V7C2M8N4P6Q1S3T5VW',
    reason: 'denied_by_rule',
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
  static readonly streamId = (data: CallDenied): PeerId => data.peer_id;

  @IsIn(CALL_REASONS.denied) readonly reason: CallReason<'denied'>;
}
