import { useInfiniteQuery } from '@tanstack/react-query';
import { callsQuery } from '../api/queries.js';
import type { Call, Direction, Outcome } from '../contract.js';
import { DIRECTIONS, OUTCOMES } from '../logic/address.js';
import { absolute, clockTime, latency } from '../logic/moment.js';
import { capital } from '../logic/words.js';
import { GoTo, useGo, usePlace } from '../page/place.js';
import { useTrouble } from '../page/trouble.js';
import { Button } from '../parts/button.js';
import { Time } from '../parts/clock.js';
import { ProblemNote, Select } from '../parts/field.js';
import { DirectionMark, OutcomeMark } from '../parts/outcome-mark.js';
import { CallDetail } from './call-detail.js';

/** The calls with a peer, newest first; one opens in their place. The URL holds which, and the filters. */
export const Calls = ({ peerId }: { peerId: string }) => {
  const { call } = usePlace();
  return call === undefined ? <CallList peerId={peerId} /> : <CallDetail peerId={peerId} callId={call} />;
};

const CallList = ({ peerId }: { peerId: string }) => {
  const { direction, outcome } = usePlace();
  const query = useInfiniteQuery(callsQuery(peerId, { direction, outcome }));
  const calls = query.data?.pages.flatMap(({ data }) => data);
  const trouble = useTrouble(query);
  return (
    <div className="grid grid-cols-1 gap-3">
      <Filters direction={direction} outcome={outcome} />
      {calls === undefined ? (
        trouble !== null ? (
          <ProblemNote problem={trouble} />
        ) : (
          <Skeletons />
        )
      ) : calls.length === 0 ? (
        <NoCalls filtered={direction !== undefined || outcome !== undefined} />
      ) : (
        <ul aria-label="Calls" className="-mx-2 grid grid-cols-1">
          {calls.map((one) => (
            <CallLine key={one.call_id} call={one} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button className="justify-self-start" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? 'Loading…' : 'Load older'}
        </Button>
      )}
    </div>
  );
};

const WAYS: readonly { direction: Direction | undefined; name: string }[] = [
  { direction: undefined, name: 'All' },
  ...DIRECTIONS.map((direction) => ({ direction, name: capital(direction) })),
];

const Filters = ({ direction, outcome }: { direction: Direction | undefined; outcome: Outcome | undefined }) => {
  const go = useGo();
  return (
    <div className="flex flex-wrap items-center justify-between gap-2">
      <div role="group" aria-label="Direction" className="flex gap-1">
        {WAYS.map((way) => (
          <button
            key={way.name}
            type="button"
            aria-pressed={direction === way.direction}
            onClick={() => go({ direction: way.direction }, true)}
            className={`h-7 rounded-md px-2.5 ${direction === way.direction ? 'bg-chosen font-medium' : 'text-soft hover:bg-hover hover:text-ink'}`}
          >
            {way.name}
          </button>
        ))}
      </div>
      <Select
        label="Outcome"
        labelHidden
        small
        value={outcome ?? ''}
        onChange={({ target }) => go({ outcome: target.value === '' ? undefined : (target.value as Outcome) }, true)}
      >
        <option value="">Any outcome</option>
        {OUTCOMES.map((one) => (
          <option key={one} value={one}>
            {capital(one)}
          </option>
        ))}
      </Select>
    </div>
  );
};

const CallLine = ({ call }: { call: Call }) => {
  const { section, id, tab, direction, outcome } = usePlace();
  return (
    <li data-call={call.call_id} data-outcome={call.outcome} className="border-b border-line last:border-b-0">
      <GoTo
        to={{ section, id, tab, direction, outcome, call: call.call_id }}
        within
        className="grid grid-cols-1 gap-0.5 rounded-md px-2 py-2 hover:bg-hover"
      >
        <span className="flex items-center justify-between gap-3">
          <OutcomeMark outcome={call.outcome} />
          <span className="flex shrink-0 gap-3 text-soft">
            <span>{latency(call.total_ms)}</span>
            <Time at={call.accepted_at} className="w-14 text-right" />
            <span className="text-faint" data-tip={absolute(call.accepted_at)}>
              {clockTime(call.accepted_at)}
            </span>
          </span>
        </span>
        <span className="flex min-w-0 items-center gap-2 pl-[22px] text-soft">
          <DirectionMark direction={call.direction} className="w-9 shrink-0 text-faint" />
          <span className="truncate text-ink">{call.agent}</span>
          <span className="shrink-0 truncate font-mono text-xs">{call.method ?? call.method_class}</span>
        </span>
      </GoTo>
    </li>
  );
};

const NoCalls = ({ filtered }: { filtered: boolean }) => {
  const go = useGo();
  if (filtered)
    return (
      <div className="flex flex-wrap items-center justify-between gap-3 text-soft">
        No call matches these filters.
        <Button onClick={() => go({ direction: undefined, outcome: undefined }, true)}>Clear both</Button>
      </div>
    );
  return (
    <div className="grid gap-2 text-soft">
      <p className="font-medium text-ink">No calls yet</p>
      <p>
        Every A2A call to and from this peer is listed here, with how it ended, how long it took, and the rule that let it through or
        refused it.
      </p>
      <p>
        Without a rule nothing may be called:{' '}
        <GoTo to={{ section: 'federation', view: 'rules' }} className="text-accent underline underline-offset-2">
          see the routing rules
        </GoTo>
        .
      </p>
    </div>
  );
};

/** Calls before they are known: as tall as they will be. */
const Skeletons = () => (
  <div aria-hidden="true">
    {Array.from({ length: 6 }, (_, index) => (
      <div key={index} className="grid h-[59px] content-center gap-2.5 border-b border-line last:border-b-0">
        <div className="skeleton h-3 w-28" />
        <div className="skeleton h-3 w-56" />
      </div>
    ))}
  </div>
);
