import { useQuery } from '@tanstack/react-query';
import type { ComponentProps } from 'react';
import { ProblemError } from '../api/http.js';
import { eventQuery } from '../api/projections.js';
import type { StoredEvent } from '../contract.js';
import { isUnused, isVoidable, subjectId } from '../logic/timeline.js';
import { useMay } from '../page/access.js';
import { askFor } from '../page/asking.js';
import { Button, CopyButton } from '../parts/button.js';
import { EventName } from '../parts/event-name.js';
import { ProblemNote } from '../parts/field.js';
import { GoTo } from '../page/place.js';
import { Code, Fact, Facts, When } from './facts.js';
import { Json } from './json.js';
import { Stored } from './stored.js';

/** One event, whole, by its position; its type, thing and actor lead to more of the same. */
export const EventDetail = ({ position }: { position: string }) => {
  const query = useQuery(eventQuery(position));
  const event = query.data?.data;
  if (event === undefined)
    return query.error instanceof ProblemError ? <ProblemNote problem={query.error.problem} /> : <div className="skeleton h-4 w-40" />;
  return (
    <div className="grid grid-cols-1 gap-5">
      {isUnused(event) && <Unused event={event} />}
      <Properties event={event} />
      {event.data !== null && (
        <div>
          <h3 className="mb-2 font-medium">Data</h3>
          <div className="rounded-md border border-line bg-paper p-3">
            <Json value={event.data} />
          </div>
        </div>
      )}
      {event.data === null || isUnused(event) ? (
        <Stored event={event} />
      ) : (
        <details>
          <summary className="cursor-pointer text-soft hover:text-ink">As it is stored</summary>
          <div className="mt-3">
            <Stored event={event} />
          </div>
        </details>
      )}
      <div>
        <CopyButton text={JSON.stringify(event, null, 2)} label="Copy as JSON" />
      </div>
    </div>
  );
};

/** Why no read model uses it, and the way out. */
const Unused = ({ event }: { event: StoredEvent }) => {
  const admin = useMay('admin');
  const { unreadable, voided, position } = event;
  return (
    <div data-unused={voided ? 'voided' : unreadable!.code} className="grid gap-2 rounded-lg bg-degraded-wash px-3.5 py-3">
      <EventName event={event} className="font-medium" />
      <p className="text-soft">
        {voided ? 'An admin voided this event: every read model skips it. It stays in the log.' : `${unreadable!.detail} ${nextOf(event)}`}
      </p>
      {admin && isVoidable(event) && (
        <Button className="justify-self-start" onClick={() => askFor({ kind: 'void', position })}>
          Void…
        </Button>
      )}
    </div>
  );
};

function nextOf(event: StoredEvent): string {
  if (event.unreadable?.code === 'event.unknown') return 'Read models wait for the upgrade to that release.';
  return isVoidable(event) ? 'Rows that need it stand still until an admin voids it.' : 'Roll-ups leave it out.';
}

const Properties = ({ event }: { event: StoredEvent }) => {
  const more = (part: 'type' | 'subject' | 'actor', value: string): ComponentProps<typeof GoTo>['to'] => ({
    section: 'events',
    ...(event.stream === 'facts' ? {} : { stream: event.stream }),
    [part]: value,
  });
  return (
    <Facts>
      <Fact name="Type">
        {event.type !== '' && (
          <>
            <More to={more('type', event.type)}>{event.type}</More> <span className="text-faint">version {event.version}</span>
          </>
        )}
      </Fact>
      <Fact name="Subject">
        <More to={more('subject', event.subject)}>{subjectId(event.subject)}</More>
        <span className="block text-xs break-all text-faint">{event.subject}</span>
      </Fact>
      <Fact name="At">
        <When at={event.at} />
      </Fact>
      <Fact name="Actor">{event.actor !== '' && <More to={more('actor', event.actor)}>{event.actor}</More>}</Fact>
      <Fact name="Event id">{event.id && <Code>{event.id}</Code>}</Fact>
      <Fact name="Correlation">{event.correlation_id && <Code>{event.correlation_id}</Code>}</Fact>
      <Fact name="Causation">{event.causation_id && <Code>{event.causation_id}</Code>}</Fact>
      <Fact name="Hash">
        <Code>{event.hash}</Code>
      </Fact>
    </Facts>
  );
};

const More = ({ to, children }: { to: ComponentProps<typeof GoTo>['to']; children: string }) => (
  <GoTo to={to} className="break-all text-accent underline underline-offset-2" data-tip="Only these">
    {children}
  </GoTo>
);
