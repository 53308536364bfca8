import fc from 'fast-check';
import { asId } from '@app/kernel';
import { NOW, rowsOf } from '@app/kernel/testing';
import { CallAccepted, CallCompleted, CallDenied, CallFailed } from '../../events/index.js';
import type { PeerId } from '../../../peers/events/index.js';
import { abandoned, aborted, accepted, completed, denied, failed } from '../../../../testing/calls.js';
import { callLog } from './call-log.projection.js';

const NOT_ENDED = {
  ended_at: null,
  http_status: null,
  rpc_error_code: null,
  first_byte_ms: null,
  total_ms: null,
  response_bytes: null,
  sse_events: null,
};

it('shows a call from when it was let through', () => {
  expect(rowsOf(callLog, accepted('a'))).toEqual({
    a: {
      ...CallAccepted.example,
      record_id: 'a',
      ...NOT_ENDED,
      actor: 'test',
      outcome: 'open',
      reason: null,
      accepted_at: NOW,
      position: 1,
    },
  });
});

it('shows what came of it, and what only the answer said', () => {
  const { total_ms, first_byte_ms, response_bytes, sse_events, ended_at } = CallCompleted.example;
  const { a } = rowsOf(
    callLog,
    accepted('a', { task_id: null, context_id: 'ctx-asked' }),
    completed('a', { task_id: 'task-9', context_id: 'ctx-81' }),
  );
  expect(a).toMatchObject({
    outcome: 'completed',
    reason: null,
    http_status: 200,
    ended_at,
    total_ms,
    first_byte_ms,
    response_bytes,
    sse_events,
  });
  expect(a).toMatchObject({ task_id: 'task-9', context_id: 'ctx-asked', position: 1 });
});

it('shows an error of JSON-RPC as a failure though it came with 200', () => {
  expect(rowsOf(callLog, accepted('a'), failed('a'))).toMatchObject({
    a: { outcome: 'failed', reason: 'rpc_error', http_status: 200, rpc_error_code: CallFailed.example.rpc_error_code },
  });
});

it('shows what was given up, and what nobody saw the end of', () => {
  expect(rowsOf(callLog, accepted('a'), aborted('a'), accepted('b'), abandoned('b'))).toMatchObject({
    a: { outcome: 'aborted', reason: 'caller_gone' },
    b: { outcome: 'unknown', reason: 'process_died', ended_at: NOW, total_ms: null },
  });
});

it('shows what was denied, which was never open', () => {
  const { reason, ...asked } = CallDenied.example;
  expect(rowsOf(callLog, denied('a'))).toEqual({
    a: {
      ...asked,
      record_id: 'a',
      ...NOT_ENDED,
      actor: 'test',
      outcome: 'denied',
      reason,
      boot_id: null,
      accepted_at: NOW,
      ended_at: NOW,
      position: 1,
    },
  });
});

describe('of several endings', () => {
  const endings = [completed('a'), failed('a'), aborted('a')];
  it('the first counts', () => {
    for (const first of endings)
      for (const second of [...endings, abandoned('a')])
        expect(rowsOf(callLog, accepted('a'), first, second)).toEqual(rowsOf(callLog, accepted('a'), first));
  });

  it('one that somebody saw counts more than that nobody did', () => {
    expect(rowsOf(callLog, accepted('a'), abandoned('a'), completed('a'))).toEqual(rowsOf(callLog, accepted('a'), completed('a')));
  });

  it('none makes a call of what was never let through', () => {
    expect(rowsOf(callLog, ...endings, abandoned('a'))).toEqual({});
  });

  it('none changes what was denied', () => {
    expect(rowsOf(callLog, denied('a'), ...endings, abandoned('a'))).toEqual(rowsOf(callLog, denied('a')));
  });
});

describe('a call id that was used before', () => {
  const first = [accepted('a', { call_id: 'x', peer_id: asId<PeerId>('peer-lisbon'), direction: 'in' }), completed('a')];

  it.each([
    ['by another peer', { peer_id: asId<PeerId>('peer-osaka'), direction: 'in' }],
    ['by the same peer', { peer_id: asId<PeerId>('peer-lisbon'), direction: 'in' }],
    ['the other way', { peer_id: asId<PeerId>('peer-lisbon'), direction: 'out' }],
  ] as const)('%s makes a row of its own, and leaves the earlier as it was', (_name, more) => {
    const before = rowsOf(callLog, ...first);
    const after = rowsOf(callLog, ...first, accepted('b', { call_id: 'x', agent: 'buyer', ...more }), failed('b'));
    expect(after).toEqual({ ...before, b: expect.objectContaining({ call_id: 'x', agent: 'buyer', outcome: 'failed', position: 3 }) });
  });
});

it('however calls end, and in whatever order, no row is open that ended, and none changes after its first ending', () => {
  const record = fc.constantFrom('a', 'b', 'c');
  const event = fc.tuple(fc.constantFrom(accepted, completed, failed, aborted, abandoned, denied), record).map(([of, id]) => of(id));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), event, (history, next) => {
      const before = rowsOf(callLog, ...history);
      const after = rowsOf(callLog, ...history, next);
      for (const [id, row] of Object.entries(before)) {
        if (row.outcome !== 'open' && row.outcome !== 'unknown') expect(after[id]).toEqual(row);
        expect((after[id]?.ended_at ?? null) === null).toBe(after[id]?.outcome === 'open');
      }
    }),
    { numRuns: 40 }, // Each run delivers the history in a hundred ways.
  );
});
