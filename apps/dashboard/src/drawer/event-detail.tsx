import { useInfiniteQuery } from '@tanstack/react-query';
import type { ComponentProps } from 'react';
import { eventsQuery } from '../api/queries.js';
import { subjectId } from '../logic/timeline.js';
import { Button, CopyButton } from '../parts/button.js';
import { GoTo, usePlace } from '../page/place.js';
import { useTrouble } from '../page/trouble.js';
import { ProblemNote } from '../parts/field.js';
import { Code, Fact, Facts, When } from './facts.js';
import { Json } from './json.js';

/** One event of the list beside it, whole; its type, thing and actor lead to more of the same. */
export const EventDetail = ({ position }: { position: string }) => {
  const { stream, type, subject, actor } = usePlace();
  const query = useInfiniteQuery(eventsQuery({ stream, type, subject, actor }));
  const event = query.data?.pages.flatMap(({ data }) => data).find((one) => one.position === position);
  const trouble = useTrouble(query);
  if (trouble !== null) return <ProblemNote problem={trouble} />;
  if (event === undefined) {
    return (
      <div className="grid gap-3 text-soft">
        <p>{query.isPending ? 'Loading…' : 'This event is not among those loaded: it is older, or the filter leaves it out.'}</p>
        {query.hasNextPage && (
          <Button className="justify-self-start" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Load older events
          </Button>
        )}
      </div>
    );
  }
  const more = (part: 'type' | 'subject' | 'actor', value: string): ComponentProps<typeof GoTo>['to'] => ({
    section: 'events',
    stream,
    [part]: value,
  });
  return (
    <div className="grid grid-cols-1 gap-5">
      <Facts>
        <Fact name="Type">
          <More to={more('type', event.type)}>{event.type}</More> <span className="text-faint">version {event.version}</span>
        </Fact>
        <Fact name="Subject">
          <More to={more('subject', event.subject)}>{subjectId(event.subject)}</More>
          <span className="block text-xs break-all text-faint">{event.subject}</span>
        </Fact>
        <Fact name="At">
          <When at={event.at} />
        </Fact>
        <Fact name="Actor">
          <More to={more('actor', event.actor)}>{event.actor}</More>
        </Fact>
        <Fact name="Event id">
          <Code>{event.id}</Code>
        </Fact>
        <Fact name="Correlation">{event.correlation_id !== null && <Code>{event.correlation_id}</Code>}</Fact>
        <Fact name="Causation">{event.causation_id !== null && <Code>{event.causation_id}</Code>}</Fact>
      </Facts>
      <div>
        <h3 className="mb-2 font-medium">Data</h3>
        <div className="rounded-md border border-line bg-paper p-3">
          <Json value={event.data} />
        </div>
      </div>
      <div>
        <CopyButton text={JSON.stringify(event, null, 2)} label="Copy as JSON" />
      </div>
    </div>
  );
};

const More = ({ to, children }: { to: ComponentProps<typeof GoTo>['to']; children: string }) => (
  <GoTo to={to} className="break-all text-accent underline underline-offset-2" data-tip="Only these">
    {children}
  </GoTo>
);
