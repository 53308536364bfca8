import type { Call, Route } from '../../../apps/dashboard/src/contract.js';
import { before } from './fixtures.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const OSLO = 'peer-77c01d5e9a2b4410';

export function call(over: Partial<Call> & Pick<Call, 'call_id'>): Call {
  const one: Call = {
    direction: 'in',
    peer_id: OSLO,
    agent: 'planner',
    method: 'SendMessage',
    method_class: 'send',
    protocol_version: '1.0',
    binding: 'JSONRPC',
    rpc_id: '7',
    task_id: 'task-5b1f',
    context_id: 'ctx-09aa',
    message_id: 'msg-4410',
    outcome: 'completed',
    reason: null,
    sentence: 'Answered without an error in 312 ms.',
    http_status: 200,
    rpc_error_code: null,
    accepted_at: before(3 * MINUTE),
    ended_at: null,
    first_byte_ms: 204,
    total_ms: 312,
    request_bytes: 812,
    response_bytes: 2_140,
    sse_events: null,
    rule_id: 'rule-in-planner',
    rule_version: 388,
    caller: 'caller-6e1d',
    actor: `peer:${OSLO}`,
    caller_name: null,
    key_id: 'k1',
    trace_id: null,
    ...over,
  };
  if (one.outcome === 'open') return one;
  return { ...one, ended_at: new Date(Date.parse(one.accepted_at) + (one.total_ms ?? 0)).toISOString() };
}

/** Newest first: of every outcome, and enough for a second page. */
export const calls = (): Call[] => [
  call({
    call_id: 'call-open',
    direction: 'out',
    agent: 'archivist',
    method: 'SendStreamingMessage',
    outcome: 'open',
    sentence: 'Under way: the answer is being streamed.',
    accepted_at: before(6 * SECOND),
    first_byte_ms: 88,
    total_ms: null,
    response_bytes: null,
    sse_events: null,
    rule_id: 'rule-out-archivist',
    rule_version: 391,
  }),
  call({ call_id: 'call-completed', accepted_at: before(40 * SECOND) }),
  call({
    call_id: 'call-denied',
    agent: 'payroll',
    outcome: 'denied',
    reason: 'no_rule',
    sentence: 'No routing rule lets this peer call payroll.',
    http_status: 403,
    accepted_at: before(70 * SECOND),
    first_byte_ms: null,
    total_ms: 1,
    response_bytes: null,
    task_id: null,
    context_id: null,
    message_id: null,
    rule_id: null,
    rule_version: null,
  }),
  call({
    call_id: 'call-failed',
    direction: 'out',
    agent: 'archivist',
    method: 'message/send',
    protocol_version: '0.3',
    outcome: 'failed',
    reason: 'rpc_error',
    sentence: 'It answered with the RPC error -32603 inside HTTP 200: the index is being rebuilt.',
    rpc_error_code: -32_603,
    accepted_at: before(95 * SECOND),
    total_ms: 1_840,
    first_byte_ms: 1_838,
    rule_id: 'rule-out-archivist',
    rule_version: 391,
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  }),
  call({
    call_id: 'call-aborted',
    method: 'SendStreamingMessage',
    outcome: 'aborted',
    reason: 'caller_gone',
    sentence: 'The caller went away after 12 events.',
    accepted_at: before(2 * MINUTE),
    total_ms: 14_200,
    sse_events: 12,
  }),
  call({
    call_id: 'call-unknown',
    outcome: 'unknown',
    reason: 'process_died',
    sentence: 'The process that carried it ended before the call did.',
    accepted_at: before(150 * SECOND),
    first_byte_ms: null,
    total_ms: null,
    http_status: null,
    response_bytes: null,
  }),
  ...Array.from({ length: 54 }, (_, index) =>
    call({
      call_id: `call-${index}`,
      direction: index % 3 === 0 ? 'out' : 'in',
      method: index % 4 === 0 ? 'GetTask' : 'SendMessage',
      method_class: index % 4 === 0 ? 'read' : 'send',
      accepted_at: before((4 + index * 7) * MINUTE),
      total_ms: 180 + ((index * 37) % 400),
    }),
  ),
];

export const rules = (): Route[] =>
  [
    rule({ rule_id: 'rule-out-archivist', direction: 'out', peer_id: OSLO, agent: 'archivist', note: 'agreed with Oslo in March' }),
    rule({ rule_id: 'rule-out-read', direction: 'out', classes: ['read'], method_class: 'read' }),
    rule({
      rule_id: 'rule-in-payroll',
      direction: 'in',
      agent: 'payroll',
      classes: ['read', 'send', 'admin'],
      action: 'deny',
      limits: null,
      note: 'never, whoever asks',
    }),
    rule({ rule_id: 'rule-in-planner', direction: 'in', agent: 'planner', action: 'route', target_url: 'http://127.0.0.1:9310/planner/' }),
  ].map((one, index) => ({ ...one, order: index + 1, version: 388 + index }));

export function rule(over: Partial<Route> & Pick<Route, 'rule_id' | 'direction'>): Route {
  return {
    order: 1,
    peer_id: null,
    agent: null,
    classes: ['read', 'send'],
    method_class: null,
    action: 'allow',
    target_url: null,
    credential: null,
    limits: { calls_per_minute: 600, concurrent_calls: 64, body_bytes: 16_777_216 },
    warnings: [],
    note: '',
    version: 388,
    added_at: before(26 * 60 * MINUTE),
    added_by: 'session:1f6e2c30-88d4-4f0e-9d51-0c8a2f1b7a11',
    held: false,
    ...over,
  };
}
