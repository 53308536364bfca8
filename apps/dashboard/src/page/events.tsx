import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { eventsQuery } from '../api/queries.js';
import type { RecordedEvent } from '../contract.js';
import { absolute, clockTime, date, isInstant } from '../logic/moment.js';
import { changeOf, isUnused, subjectId } from '../logic/timeline.js';
import { Button } from '../parts/button.js';
import { ProblemNote } from '../parts/field.js';
import { EventName } from '../parts/event-name.js';
import { Icon } from '../parts/icon.js';
import { type Change, GoTo, useGo, usePlace } from './place.js';
import { SearchBox } from './search-box.js';
import { SectionHead, Warnings } from './section-head.js';
import { usePolling } from './polling.js';
import { useTrouble } from './trouble.js';
import { POLL_MS } from '../logic/freshness.js';

/** What happened, as it was recorded. Type, subject and actor are asked of the server; the search goes through what is loaded. */
export const EventsSection = () => {
  const { stream, type, subject, actor, q } = usePlace();
  usePolling();
  // Not every fact moves a row, so the stream alone would miss some.
  const query = useInfiniteQuery({ ...eventsQuery({ stream, type, subject, actor }), refetchInterval: POLL_MS });
  const events = useMemo(() => query.data?.pages.flatMap(({ data }) => data), [query.data]);
  const found = useMemo(() => events?.filter((event) => mentions(event, q)), [events, q]);
  const newest = query.data?.pages[0];
  const trouble = useTrouble(query);
  return (
    <section aria-labelledby="section-title" className="px-4 pb-8 sm:px-6">
      <SectionHead title="Events">
        <SearchBox placeholder="Search loaded events" />
      </SectionHead>
      <Filters />
      {newest !== undefined && <Warnings answer={newest} />}
      {trouble !== null ? (
        <ProblemNote problem={trouble} />
      ) : (
        <div
          role="table"
          aria-label="Events"
          aria-busy={events === undefined}
          className="list believed rounded-lg border border-line bg-card"
        >
          <EventHead />
          {found === undefined ? <Skeletons /> : found.length === 0 ? <Nothing /> : <EventLines events={found} />}
        </div>
      )}
      {query.hasNextPage && (
        <div className="mt-3 flex justify-center">
          <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? 'Loading…' : 'Load older events'}
          </Button>
        </div>
      )}
    </section>
  );
};

function mentions({ position, type, subject, actor, data, unreadable, voided }: RecordedEvent, q: string | undefined): boolean {
  if (q === undefined) return true;
  const text =
    `${position} ${type} ${subject} ${actor} ${JSON.stringify(data)} ${unreadable?.code ?? ''} ${voided ? 'voided' : ''}`.toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const LOGS = [
  { stream: undefined, name: 'Facts', tip: 'What was decided: kept for ever' },
  { stream: 'calls', name: 'Calls', tip: 'What became of each A2A call' },
  { stream: 'telemetry', name: 'Telemetry', tip: 'Single probes and heartbeats: kept for three days' },
] as const;

const Filters = () => {
  const place = usePlace();
  const go = useGo();
  const chips = (['type', 'subject', 'actor'] as const).flatMap((part) =>
    place[part] === undefined ? [] : [{ part, value: place[part] }],
  );
  return (
    <div className="mb-3 flex flex-wrap items-center gap-1">
      <div role="group" aria-label="Log" className="flex gap-1">
        {LOGS.map(({ stream, name, tip }) => (
          <button
            key={name}
            type="button"
            data-tip={tip}
            aria-pressed={place.stream === stream}
            onClick={() => go({ stream, id: undefined, subject: undefined, type: undefined }, true)}
            className={`h-7 rounded-md px-2.5 ${place.stream === stream ? 'bg-chosen font-medium' : 'text-soft hover:bg-hover hover:text-ink'}`}
          >
            {name}
          </button>
        ))}
      </div>
      {chips.map(({ part, value }) => (
        <button
          key={part}
          type="button"
          aria-label={`Remove the filter ${part} ${value}`}
          onClick={() => go({ [part]: undefined } as Change, true)}
          className="flex h-7 max-w-full min-w-0 items-center gap-1.5 rounded-md border border-edge px-2 text-soft hover:text-ink"
        >
          {part}
          <span className="truncate font-mono text-xs text-ink">{value}</span>
          <Icon name="close" className="size-3" />
        </button>
      ))}
    </div>
  );
};

const EventHead = () => (
  <div role="rowgroup">
    <div role="row" className="event-line head h-8 border-b border-line text-xs font-medium text-faint">
      <span role="columnheader">Time</span>
      <span role="columnheader">Event</span>
      <span role="columnheader" className="col-subject">
        Subject
      </span>
      <span role="columnheader" className="col-actor">
        Actor
      </span>
      <span role="columnheader" className="col-position text-right">
        Position
      </span>
    </div>
  </div>
);

const EventLines = ({ events }: { events: readonly RecordedEvent[] }) => {
  const { id } = usePlace();
  return (
    <div role="rowgroup">
      {events.map((event, index) => (
        <EventLine
          key={event.position}
          event={event}
          chosen={event.position === id}
          dated={isInstant(event.at) && date(event.at) !== dateBefore(events, index)}
        />
      ))}
    </div>
  );
};

/** Of the last event before it that has a time. */
function dateBefore(events: readonly RecordedEvent[], index: number): string | null {
  const dated = events.slice(0, index).findLast(({ at }) => isInstant(at));
  return dated === undefined ? null : date(dated.at);
}

const EventLine = ({ event, chosen, dated }: { event: RecordedEvent; chosen: boolean; dated: boolean }) => {
  const { title, to, why } = changeOf(event);
  return (
    <>
      {dated && (
        <div role="row" className="border-b border-line bg-paper px-4 py-1 text-xs font-medium text-faint">
          <span role="cell">{date(event.at)}</span>
        </div>
      )}
      <div
        role="row"
        data-row={event.position}
        onClick={({ currentTarget, target }) => {
          if (target instanceof Element && target.closest('a') === null) currentTarget.querySelector('a')!.click();
        }}
        className={`event-line min-h-9 border-b border-line last:border-b-0 ${chosen ? 'bg-chosen' : 'hover:bg-hover'}`}
      >
        <time role="cell" dateTime={event.at} data-tip={absolute(event.at)} className="text-soft">
          {clockTime(event.at)}
        </time>
        <div role="cell" className="col-what flex min-w-0 items-baseline gap-x-2.5">
          <GoTo
            to={{ section: 'events', id: event.position }}
            within
            data-row-link=""
            aria-current={chosen || undefined}
            className="max-w-full shrink-0 truncate rounded-sm font-semibold"
          >
            <EventName event={event} />
          </GoTo>
          {isUnused(event) && <span className="truncate text-xs text-soft">{event.type === '' ? why : event.type}</span>}
          {to !== null && <span className="truncate text-xs text-soft">{title}</span>}
        </div>
        <div role="cell" className="col-subject truncate text-soft" data-tip={event.subject}>
          {subjectId(event.subject)}
        </div>
        <div role="cell" className="col-actor truncate text-soft">
          {event.actor}
        </div>
        <div role="cell" className="col-position truncate text-right font-mono text-xs text-faint">
          {event.position}
        </div>
      </div>
    </>
  );
};

const Nothing = () => (
  <div role="rowgroup">
    <div role="row">
      <div role="cell" className="px-4 py-6 text-soft">
        No such event among those loaded.
      </div>
    </div>
  </div>
);

const Skeletons = () => (
  <div role="rowgroup" aria-hidden="true">
    {Array.from({ length: 8 }, (_, index) => (
      <div key={index} className="event-line min-h-9 border-b border-line last:border-b-0">
        <div className="skeleton h-3 w-14" />
        <div className="skeleton h-3 w-52 max-w-full" />
        <div className="col-subject skeleton h-3" />
        <div className="col-actor skeleton h-3" />
        <div className="col-position skeleton h-3" />
      </div>
    ))}
  </div>
);
