import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { eventsQuery } from '../api/queries.js';
import type { RecordedEvent } from '../contract.js';
import { absolute, clockTime, date, duration } from '../logic/moment.js';
import type { Row } from '../logic/rows.js';
import { GoTo } from '../page/place.js';
import { type Change, LOGS, type Log, changeOf, lastedOf, subjectOf } from '../logic/timeline.js';
import { Button } from '../parts/button.js';
import { Time } from '../parts/clock.js';
import { ProblemNote } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { EventName } from '../parts/event-name.js';
import { StateShape } from '../parts/state-mark.js';
import { Json } from './json.js';
import { healthOfStatus } from '../logic/status-health.js';
import { useTrouble } from '../page/trouble.js';

/** The events of one thing, with what to show while there are none. */
const OwnEvents = ({
  row,
  log,
  children,
  none,
}: {
  row: Row;
  log: Log;
  children: (events: RecordedEvent[]) => ReactNode;
  none: string;
}) => {
  const query = useInfiniteQuery(eventsQuery({ stream: log.stream, subject: subjectOf(log, row.id) }));
  const events = query.data?.pages.flatMap(({ data }) => data);
  const trouble = useTrouble(query);
  if (events === undefined) {
    return trouble !== null ? <ProblemNote problem={trouble} /> : <div className="skeleton h-4 w-40" />;
  }
  return (
    <>
      {events.length === 0 ? <p className="text-soft">{none}</p> : children(events)}
      {query.hasNextPage && (
        <Button className="mt-4" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? 'Loading…' : 'Load older'}
        </Button>
      )}
    </>
  );
};

/** What became of it, newest first. */
export const Timeline = ({ row }: { row: Row }) => (
  <OwnEvents row={row} log={LOGS[row.section][0]} none="Nothing was recorded about it yet.">
    {(events) => <Entries changes={events.map(changeOf)} />}
  </OwnEvents>
);

const Entries = ({ changes }: { changes: readonly Change[] }) => {
  const lasted = lastedOf(changes);
  return (
    <ol className="relative grid gap-4 before:absolute before:top-2 before:bottom-2 before:left-[5.5px] before:w-px before:bg-line">
      {changes.map((change, index) => (
        <Entry key={change.event.position} change={change} lasted={lasted[index]} />
      ))}
    </ol>
  );
};

/** `lasted`: of the state that began here; null: it is so still; undefined: none did. */
const Entry = ({ change: { event, title, why, to }, lasted }: { change: Change; lasted: number | null | undefined }) => (
  <li className="relative pl-6">
    <span className="absolute top-1 left-0 bg-card py-px">
      {to === null ? <Dot /> : <StateShape status={to} health={healthOfStatus(to)} />}
    </span>
    <p className="flex items-baseline justify-between gap-3">
      <span className="font-medium first-letter:uppercase">{title}</span>
      <Time at={event.at} className="shrink-0 text-xs text-faint" />
    </p>
    {why !== null && <p className="text-soft">{why}</p>}
    <p className="text-xs text-faint">
      {date(event.at)} {clockTime(event.at)}
      {typeof lasted === 'number' && ` · lasted ${duration(lasted, true)}`}
      {lasted === null && (
        <>
          {' · for '}
          <Time at={event.at} tell="for-fine" /> so far
        </>
      )}
      {' · '}
      {event.actor}
    </p>
  </li>
);

const Dot = () => (
  <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
    <circle cx="6" cy="6" r="3" fill="var(--unknown-fill)" />
  </svg>
);

/** Its events as they are in the logs: what became of it, and what that was known by. */
export const RawEvents = ({ row }: { row: Row }) => {
  const [log, setLog] = useState<Log>(LOGS[row.section][0]);
  return (
    <div className="grid grid-cols-1 gap-3">
      <div role="group" aria-label="Log" className="flex gap-1">
        {LOGS[row.section].map((one) => (
          <button
            key={one.name}
            type="button"
            aria-pressed={log === one}
            onClick={() => setLog(one)}
            className={`h-7 rounded-md px-2.5 ${log === one ? 'bg-chosen font-medium' : 'text-soft hover:bg-hover hover:text-ink'}`}
          >
            {one.name}
          </button>
        ))}
      </div>
      <div>
        <OwnEvents row={row} log={log} none="No such event is kept.">
          {(events) => (
            <ul className="grid grid-cols-1 gap-1">
              {events.map((event) => (
                <RawEvent key={event.position} event={event} />
              ))}
            </ul>
          )}
        </OwnEvents>
      </div>
    </div>
  );
};

const RawEvent = ({ event }: { event: RecordedEvent }) => {
  const [open, setOpen] = useState(false);
  return (
    <li className="rounded-md border border-line">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex h-8 w-full min-w-0 items-center gap-2 rounded-md px-2 text-left hover:bg-hover"
      >
        <Icon name="chevron" className={`text-faint ${open ? 'rotate-90' : ''}`} />
        <EventName event={event} className="min-w-0 flex-1 truncate font-medium" />
        <time dateTime={event.at} data-tip={absolute(event.at)} className="shrink-0 text-xs text-faint">
          {clockTime(event.at)}
        </time>
      </button>
      {open && (
        <div className="grid gap-2 border-t border-line p-2">
          <Json value={event} />
          <GoTo
            to={{ section: 'events', id: event.position, ...(event.stream === 'facts' ? {} : { stream: event.stream }) }}
            className="justify-self-start text-accent underline underline-offset-2"
          >
            See it as it is stored
          </GoTo>
        </div>
      )}
    </li>
  );
};
