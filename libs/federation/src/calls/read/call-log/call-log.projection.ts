import { type StoredOf, projectionOf } from '@app/kernel';
import { CallAbandoned, CallAborted, CallAccepted, CallCompleted, CallDenied, CallFailed } from '../../events/index.js';
import { CallRow } from './call-log.view.js';

/**
 * Every call on record with what became of it. A row is a record, not a call id: those are chosen by the side that calls, and one that
 * is used again, by whomever, is another row.
 *
 * Of several endings the first by position counts; only that a process said nothing before it was gone gives way to one that did. An
 * ending of no record here is of a call that was refused. Rows stay while the table does; built anew, it lacks calls that are older
 * than thirteen months, since the log has forgotten them.
 */
export const callLog = projectionOf(CallRow)({
  table: 'call_log',
  version: 2,
  id: 'record_id',
  indexes: [
    ['peer_id', 'position'],
    ['outcome', 'peer_id', 'position'],
    ['call_id', 'position'],
    ['peer_id', 'direction', 'position'],
  ],
  reads: [CallAbandoned, CallAborted, CallAccepted, CallCompleted, CallDenied, CallFailed],
  key: (event) => event.data.record_id,
  on: {
    'federation.call.accepted': (before, { data, at, position, actor }) =>
      before ?? { ...data, ...NOT_ENDED, actor, outcome: 'open', reason: null, accepted_at: at, ended_at: null, position },
    'federation.call.denied': (before, { data, at, position, actor }) =>
      before ?? { ...data, ...NOT_ENDED, actor, outcome: 'denied', boot_id: null, accepted_at: at, ended_at: at, position },
    'federation.call.completed': (before, event) => ended(before, event, { outcome: 'completed', reason: null, rpc_error_code: null }),
    'federation.call.failed': (before, event) => {
      const { reason, rpc_error_code } = event.data;
      return ended(before, event, { outcome: 'failed', reason, rpc_error_code });
    },
    'federation.call.aborted': (before, event) =>
      ended(before, event, { outcome: 'aborted', reason: event.data.reason, rpc_error_code: null }),
    'federation.call.abandoned': (before, { at }) =>
      before?.outcome === 'open' ? { ...before, outcome: 'unknown', reason: 'process_died', ended_at: at } : (before ?? null),
  },
});

const NOT_ENDED = { http_status: null, rpc_error_code: null, first_byte_ms: null, total_ms: null, response_bytes: null, sse_events: null };

type Ending = StoredOf<typeof CallCompleted | typeof CallFailed | typeof CallAborted>;

function ended(before: CallRow | undefined, { data }: Ending, how: Pick<CallRow, 'outcome' | 'reason' | 'rpc_error_code'>): CallRow | null {
  if (before === undefined) return null;
  if (before.outcome !== 'open' && before.outcome !== 'unknown') return before;
  return {
    ...before,
    ...how,
    http_status: data.http_status,
    ended_at: data.ended_at,
    first_byte_ms: data.first_byte_ms,
    total_ms: data.total_ms,
    response_bytes: data.response_bytes,
    sse_events: data.sse_events,
    task_id: before.task_id ?? data.task_id,
    context_id: before.context_id ?? data.context_id,
  };
}
