import { useQuery } from '@tanstack/react-query';
import { callQuery, peersQuery, routesQuery } from '../api/queries.js';
import type { Call } from '../contract.js';
import { OUTCOME_HEALTH, begunAs, protocolOf, size, waitShare } from '../logic/calls.js';
import { latency } from '../logic/moment.js';
import { meaningOf } from '../logic/reasons.js';
import { placeOf } from '../logic/rules.js';
import { saidWith } from '../logic/said.js';
import { GoTo, usePlace } from '../page/place.js';
import { rowsOnceAsked, useTrouble } from '../page/trouble.js';
import { CopyButton } from '../parts/button.js';
import { Time } from '../parts/clock.js';
import { ProblemNote } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { DirectionMark, OutcomeMark } from '../parts/outcome-mark.js';
import { Code, Fact, Facts, When } from './facts.js';

const WASH = { up: 'bg-up-wash', degraded: 'bg-degraded-wash', down: 'bg-down-wash', unknown: 'bg-unknown-wash' } as const;

/** One call, whole. Its id is the same on both sides. */
export const CallDetail = ({ peerId, callId }: { peerId: string; callId: string }) => {
  const { direction, outcome } = usePlace();
  const query = useQuery(callQuery(callId));
  const call = query.data?.data;
  const trouble = useTrouble(query);
  return (
    <div className="grid grid-cols-1 gap-4">
      <GoTo
        to={{ section: 'federation', id: peerId, tab: 'calls', direction, outcome }}
        within
        className="-ml-1 flex items-center gap-1 justify-self-start rounded-sm text-soft hover:text-ink"
      >
        <Icon name="back" />
        All calls
      </GoTo>
      {call !== undefined ? <Told call={call} /> : trouble !== null ? <ProblemNote problem={trouble} /> : <div className="skeleton h-24" />}
    </div>
  );
};

const Told = ({ call }: { call: Call }) => {
  const meaning = meaningOf(call.reason);
  const peers = rowsOnceAsked(useQuery(peersQuery));
  const rulesAsked = useQuery(routesQuery);
  const rules = rowsOnceAsked(rulesAsked);
  return (
    <>
      <div data-outcome={call.outcome} className={`rounded-lg px-3.5 py-3 ${WASH[OUTCOME_HEALTH[call.outcome]]}`}>
        <p className="flex items-center justify-between gap-3">
          <OutcomeMark outcome={call.outcome} />
          <Time at={call.accepted_at} className="text-soft" />
        </p>
        {peers === undefined || rules === undefined ? (
          <p aria-busy="true" className="skeleton mt-1 h-5 w-3/4" />
        ) : (
          <p className="mt-1">{saidWith(call.sentence, { peers, rules })}</p>
        )}
        {call.reason !== null && (
          <p className="mt-1 text-soft">
            {meaning} <Code>{call.reason}</Code>
          </p>
        )}
      </div>
      <Duration call={call} />
      <Facts>
        <Fact name="Direction">
          <DirectionMark direction={call.direction} />
        </Fact>
        <Fact name="Agent">{call.agent}</Fact>
        <Fact name="Method">
          {call.method !== null && <Code>{call.method}</Code>} <span className="text-faint">{call.method_class}</span>
        </Fact>
        <Fact name="Protocol">{protocolOf(call)}</Fact>
        <Fact name="Answer">{answerOf(call)}</Fact>
        <Fact name="Sent">
          {size(call.request_bytes)}
          {call.response_bytes !== null && ` · received ${size(call.response_bytes)}`}
          {call.sse_events !== null && call.sse_events > 0 && ` in ${call.sse_events} events`}
        </Fact>
        <Fact name="Rule">
          {call.rule_id === null ? (
            'None matched'
          ) : rules === undefined ? (
            <span aria-busy="true" className="skeleton block h-5 w-24" />
          ) : (
            <RuleOf call={call} order={placeOf(call.rule_id, rulesAsked.data?.data)} />
          )}
        </Fact>
        <Fact name={begunAs(call.outcome)}>
          <When at={call.accepted_at} />
        </Fact>
        {call.ended_at !== null && (
          <Fact name="Ended">
            <When at={call.ended_at} />
          </Fact>
        )}
        <Id name="Task" id={call.task_id} />
        <Id name="Context" id={call.context_id} />
        <Id name="Message" id={call.message_id} />
        <Id name="RPC id" id={call.rpc_id} />
        {call.caller_name !== null && <Fact name="Made by">{call.caller_name}</Fact>}
        <Id name="Made with" id={call.actor} />
        <Id name="Caller" id={call.caller} />
        <Id name="Key" id={call.key_id} />
        <Id name="Trace" id={call.trace_id} />
        <Fact name="Call id">
          <Code>{call.call_id}</Code>
          <span className="block text-xs text-faint">The same on both sides.</span>
        </Fact>
      </Facts>
      <div>
        <CopyButton text={JSON.stringify(call, null, 2)} label="Copy as JSON" />
      </div>
    </>
  );
};

/** By its place among the rules as they are now, with the id by which it can be found when it has another, or none. */
const RuleOf = ({ call, order }: { call: Call; order: number | null | undefined }) => (
  <>
    <GoTo to={{ section: 'federation', view: 'rules' }} className="text-accent underline underline-offset-2">
      {typeof order === 'number' ? `Rule ${order}` : 'Routing rules'}
    </GoTo>
    {order === null && <span className="text-soft"> It is not among them any more.</span>}
    <span className="block text-faint">
      <Code>{call.rule_id}</Code>
      {call.rule_version !== null && ` version ${call.rule_version}`}
    </span>
  </>
);

/** What a call did not carry is not listed. */
const Id = ({ name, id }: { name: string; id: string | null }) =>
  id === null ? null : (
    <Fact name={name}>
      <Code>{id}</Code>
    </Fact>
  );

function answerOf({ http_status: status, rpc_error_code: code }: Call): string | null {
  if (status === null && code === null) return null;
  return [status === null ? null : `HTTP ${status}`, code === null ? null : `RPC error ${code}`]
    .filter((word) => word !== null)
    .join(' · ');
}

/** Until the first byte, and from there to the end. */
const Duration = ({ call }: { call: Call }) => {
  const share = waitShare(call);
  if (call.total_ms === null) return null;
  return (
    <div>
      <div className="mb-1.5 flex items-baseline justify-between">
        <h3 className="font-medium">{latency(call.total_ms)}</h3>
        {call.first_byte_ms !== null && <p className="text-soft">first byte after {latency(call.first_byte_ms)}</p>}
      </div>
      {share !== null && (
        <svg viewBox="0 0 100 6" preserveAspectRatio="none" width="100%" height="6" aria-hidden="true" className="rounded-full">
          <rect width="100" height="6" className="fill-accent" />
          <rect width={share * 100} height="6" className="fill-unknown-fill" />
        </svg>
      )}
    </div>
  );
};
