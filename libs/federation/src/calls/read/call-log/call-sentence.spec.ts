import { CALL_REASONS } from '../../events/call-reason.js';
import { CallAccepted } from '../../events/index.js';
import { NOW } from '@app/kernel/testing';
import { callSentence } from './call-sentence.js';
import type { Call } from './call-log.view.js';

const { record_id: _, boot_id: __, ...asked } = CallAccepted.example;
const open: Omit<Call, 'sentence'> = {
  ...asked,
  outcome: 'open',
  reason: null,
  http_status: null,
  rpc_error_code: null,
  accepted_at: NOW,
  ended_at: null,
  first_byte_ms: null,
  total_ms: null,
  response_bytes: null,
  sse_events: null,
  actor: 'token:t-1',
  caller_name: null,
};
const completed = { ...open, outcome: 'completed', http_status: 200, total_ms: 41, response_bytes: 9 } as const;

it.each([
  [open, 'Let through, and not ended yet.'],
  [completed, 'Answered with HTTP 200 in 41 ms.'],
  [{ ...completed, sse_events: 1 }, 'Answered with a stream of 1 event in 41 ms.'],
  [{ ...completed, sse_events: 12 }, 'Answered with a stream of 12 events in 41 ms.'],
  [
    { ...completed, outcome: 'failed', reason: 'rpc_error', rpc_error_code: -32001 } as const,
    'The peer answered with the JSON-RPC error -32001.',
  ],
  [
    { ...completed, direction: 'in', outcome: 'failed', reason: 'http_error', http_status: 502 } as const,
    'The agent answered with HTTP 502.',
  ],
  [{ ...open, outcome: 'denied', reason: 'denied_by_rule', rule_id: 'rule-1' } as const, 'Denied by the routing rule rule-1.'],
])('%#: says how it went', (call, sentence) => expect(callSentence(call)).toBe(sentence));

it.each(Object.entries(CALL_REASONS).flatMap(([outcome, reasons]) => reasons.map((reason) => [outcome, reason] as const)))(
  '%s, %s: is a whole sentence, even when nothing was measured',
  (outcome, reason) => {
    const sentence = callSentence({ ...open, outcome: outcome as Call['outcome'], reason });
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(sentence).not.toMatch(/null|undefined/);
  },
);
