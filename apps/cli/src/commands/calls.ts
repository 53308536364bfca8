import { type Api, isNotFound } from '../api.js';
import type { Answer, Call, Health } from '../contract.js';
import type { Context } from '../context.js';
import { type Canvas, type Cell, details, table } from '../view/table.js';
import { instant, latency, state, why } from '../view/words.js';
import { ID } from './find.js';
import { findPeer, labelsFor } from './peers.js';
import { sinceOf } from './when.js';

interface ListOptions {
  direction?: Call['direction'];
  outcome?: Call['outcome'];
  since?: string;
  limit: number;
}

/** `ap infrastructure peers calls`: newest first. */
export async function listCalls(context: Context, { direction, outcome, since, limit }: ListOptions, peer: string): Promise<void> {
  const from = since === undefined ? undefined : sinceOf(since);
  const api = await context.api();
  const answer = await callsOf(api, peer, (peerId) => api.list<Call>(`/peers/${peerId}/calls`, { direction, outcome }, limit));
  const calls = from === undefined ? answer : newerThan(answer, from(answer.as_of));
  context.output.data('ap.infra.calls.list/v1', calls, (canvas) => (calls.data.length === 0 ? [] : callTable(calls.data, canvas)));
  if (calls.data.length === 0) {
    const isFiltered = direction !== undefined || outcome !== undefined || since !== undefined;
    context.output.hint(isFiltered ? 'No call is like that.' : 'There was no call yet. What may be called: ap infrastructure routes list');
  }
  if (calls.next_cursor !== undefined) context.output.hint(`(only the newest ${limit}, use --limit for more)`);
}

/** Calls outlive their peer: one that is no more is named by its id. What has neither is told as what was never a peer. */
async function callsOf<T>(api: Api, peer: string, list: (peerId: string) => Promise<T>): Promise<T> {
  let unknown: unknown;
  const found = await findPeer(api, peer).catch((error: unknown) => {
    if (!isNotFound(error) || !ID.test(peer)) throw error;
    unknown = error;
    return undefined;
  });
  if (found !== undefined) return list(found.data.peer_id);
  return list(peer).catch((error: unknown) => {
    throw isNotFound(error) ? unknown : error;
  });
}

/** They come newest first: where one is too old, no further page has any that is not. */
function newerThan(answer: Answer<Call[]>, from: string): Answer<Call[]> {
  const data = answer.data.filter(({ accepted_at }) => Date.parse(accepted_at) >= Date.parse(from));
  return data.length === answer.data.length ? answer : { ...answer, data, next_cursor: undefined };
}

/** `ap infrastructure calls get` */
export async function getCall(context: Context, _options: object, callId: string): Promise<void> {
  const api = await context.api();
  const answer = await api.get<Call>(`/calls/${encodeURIComponent(callId)}`);
  const label = (await labelsFor(context, api)).get(answer.data.peer_id);
  context.output.data('ap.infra.call/v1', answer, (canvas) => callDetails(answer.data, label, canvas));
}

const HEALTH: Record<Call['outcome'], Health> = {
  open: 'unknown',
  completed: 'up',
  failed: 'down',
  aborted: 'degraded',
  denied: 'degraded',
  unknown: 'unknown',
};
const outcomeOf = ({ outcome }: Call): Cell => state(outcome, HEALTH[outcome]);

const callTable = (calls: readonly Call[], canvas: Canvas): string[] =>
  table(
    [
      { head: 'TIME' },
      { head: 'DIR' },
      { head: 'AGENT', least: 8 },
      { head: 'METHOD', least: 8 },
      { head: 'OUTCOME' },
      { head: 'MS', right: true },
      { head: 'CALL' },
      { head: 'WHY', below: true },
    ],
    calls.map((call) => [
      instant(call.accepted_at),
      call.direction,
      call.agent,
      call.method ?? '',
      outcomeOf(call),
      numberOf(call.total_ms),
      call.call_id,
      why(call.reason, call.sentence),
    ]),
    canvas,
  );

const callDetails = (call: Call, label: string | undefined, canvas: Canvas): string[] =>
  details(
    [
      ['call', call.call_id],
      ['outcome', outcomeOf(call)],
      ['why', call.reason === null ? call.sentence : why(call.reason, call.sentence)],
      ['direction', call.direction],
      ['peer', label === undefined ? call.peer_id : `${label} (${call.peer_id})`],
      ['agent', call.agent],
      ['method', `${call.method ?? 'none'} (${call.method_class})`],
      ['protocol', [call.protocol_version, call.binding].filter((part) => part !== null).join(' ')],
      [call.outcome === 'denied' ? 'asked for' : 'accepted', instant(call.accepted_at)],
      ['ended', instant(call.ended_at)],
      ['first byte', latency(call.first_byte_ms)],
      ['total', latency(call.total_ms)],
      ['http status', numberOf(call.http_status)],
      ['rpc error', numberOf(call.rpc_error_code)],
      ['bytes', `${call.request_bytes} of the request, ${call.response_bytes ?? 'unknown'} of the answer`],
      ['sse events', numberOf(call.sse_events)],
      ['rpc id', call.rpc_id ?? ''],
      ['task', call.task_id ?? ''],
      ['context', call.context_id ?? ''],
      ['message', call.message_id ?? ''],
      ['rule', call.rule_id === null ? 'none matched' : `${call.rule_id}, version ${call.rule_version}`],
      ['made by', call.caller_name === null ? call.actor : `${call.caller_name} (${call.actor})`],
      ['caller', call.caller ?? ''],
      ['key', call.key_id ?? ''],
      ['trace', call.trace_id ?? ''],
    ],
    canvas,
  );

const numberOf = (value: number | null): string => (value === null ? '' : String(Math.round(value)));
