import { asId, newEvent } from '@app/kernel';
import type { CallAsked, CallEnding } from '../src/calls/runtime/call.js';
import { CallAbandoned, CallAborted, CallAccepted, CallCompleted, CallDenied, CallFailed, type PeerId } from '../src/events/index.js';

/** The facts of calls, to tell histories with. */
export const accepted = (record_id: string, more: Partial<CallAccepted> = {}) =>
  newEvent(CallAccepted, { ...CallAccepted.example, record_id, ...more });
export const denied = (record_id: string, more: Partial<CallDenied> = {}) =>
  newEvent(CallDenied, { ...CallDenied.example, record_id, ...more });
export const completed = (record_id: string, more: Partial<CallCompleted> = {}) =>
  newEvent(CallCompleted, { ...CallCompleted.example, record_id, ...more });
export const failed = (record_id: string, more: Partial<CallFailed> = {}) =>
  newEvent(CallFailed, { ...CallFailed.example, record_id, ...more });
export const aborted = (record_id: string, more: Partial<CallAborted> = {}) =>
  newEvent(CallAborted, { ...CallAborted.example, record_id, ...more });
export const abandoned = (record_id: string, more: Partial<CallAbandoned> = {}) =>
  newEvent(CallAbandoned, { ...CallAbandoned.example, record_id, ...more });

/** A call, as a proxy asks for it to be recorded. */
export const asked: CallAsked = {
  direction: 'out',
  peer_id: asId<PeerId>('peer-lisbon'),
  call_id: 'call-1',
  agent: 'planner',
  method: 'SendMessage',
  method_class: 'send',
  protocol_version: '1.0',
  binding: 'JSONRPC',
  rpc_id: '7',
  task_id: null,
  context_id: null,
  message_id: 'msg-1',
  request_bytes: 412,
  rule_id: 'rule-1',
  rule_version: 48,
  caller: null,
  key_id: null,
  trace_id: null,
  actor: 'token:7c9e6679',
};

/** How it ended. */
export const ending: CallEnding = {
  outcome: 'completed',
  http_status: 200,
  ended_at: '2026-02-01T12:00:02.000Z',
  first_byte_ms: 38,
  total_ms: 1904,
  response_bytes: 2210,
  sse_events: null,
  task_id: 'task-9',
  context_id: null,
};
