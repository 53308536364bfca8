import { type NewEvent, newEvent } from '@app/kernel';
import { METHOD_LENGTH, REF_LENGTH, callText } from '../events/call-text.js';
import type { CallReason } from '../events/call-reason.js';
import { CallAborted, CallAccepted, CallCompleted, CallDenied, CallFailed } from '../events/index.js';
import type { CallAsked, CallEnding, OpenCall } from './call.js';

const TRACE_ID = /^[0-9a-f]{32}$/;
const MAX_COUNT = Number.MAX_SAFE_INTEGER;

/** A call that was let through, for the record. */
export const accepted = (call: OpenCall, asked: CallAsked, boot_id: string): NewEvent =>
  newEvent(CallAccepted, { ...identityOf(call), boot_id, ...askedOf(asked) });

/** A call that was not. */
export const denied = (call: OpenCall, asked: CallAsked, reason: CallReason<'denied'>): NewEvent =>
  newEvent(CallDenied, { ...identityOf(call), reason, ...askedOf(asked) });

/** How an accepted call ended. */
export function ended(call: OpenCall, ending: CallEnding): NewEvent {
  const common = { ...identityOf(call), ...measuredOf(ending) };
  switch (ending.outcome) {
    case 'completed':
      return newEvent(CallCompleted, { ...common, http_status: ending.http_status });
    case 'failed': {
      const { reason, http_status } = ending;
      return newEvent(CallFailed, { ...common, reason, http_status, rpc_error_code: codeOf(ending.rpc_error_code) });
    }
    case 'aborted':
      return newEvent(CallAborted, { ...common, reason: ending.reason, http_status: ending.http_status });
  }
}

const identityOf = ({ record_id, direction, peer_id, call_id }: OpenCall) => ({ record_id, direction, peer_id, call_id });

const ref = (text: string | null): string | null => callText(text, REF_LENGTH);

const askedOf = (call: CallAsked) => ({
  agent: call.agent,
  method: callText(call.method, METHOD_LENGTH),
  method_class: call.method_class,
  protocol_version: call.protocol_version,
  binding: call.binding,
  rpc_id: ref(call.rpc_id),
  task_id: ref(call.task_id),
  context_id: ref(call.context_id),
  message_id: ref(call.message_id),
  request_bytes: count(call.request_bytes),
  rule_id: call.rule_id,
  rule_version: call.rule_version,
  caller: ref(call.caller),
  key_id: ref(call.key_id),
  trace_id: call.trace_id !== null && TRACE_ID.test(call.trace_id) ? call.trace_id : null,
});

const measuredOf = (ending: CallEnding) => ({
  ended_at: ending.ended_at,
  first_byte_ms: ending.first_byte_ms === null ? null : count(ending.first_byte_ms),
  total_ms: count(ending.total_ms),
  response_bytes: count(ending.response_bytes),
  sse_events: ending.sse_events === null ? null : count(ending.sse_events),
  task_id: ref(ending.task_id),
  context_id: ref(ending.context_id),
});

/** Clocks measure fractions. */
const count = (number: number): number => Math.min(MAX_COUNT, Math.max(0, Math.round(number)));

/** The code of an error is whatever its agent wrote; only a whole number is one. */
const codeOf = (code: number | null): number | null => (Number.isSafeInteger(code) ? code : null);
