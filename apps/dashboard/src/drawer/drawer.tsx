import { useQuery } from '@tanstack/react-query';
import { Dialog, Tabs } from 'radix-ui';
import { type ReactNode, Suspense, lazy, useState, useSyncExternalStore } from 'react';
import { agentQuery, agentsQuery, peersQuery, servicesQuery } from '../api/queries.js';
import type { Problem } from '../contract.js';
import { TABS, type Tab } from '../logic/address.js';
import type { Row } from '../logic/rows.js';
import { IconButton } from '../parts/button.js';
import { Time } from '../parts/clock.js';
import { StateMark } from '../parts/state-mark.js';
import { useGo, usePlace } from '../page/place.js';
import { rowOf } from '../page/row-line.js';
import { type Asked, useTrouble } from '../page/trouble.js';
import { ProblemNote } from '../parts/field.js';
import { Calls } from './calls.js';
import { Config } from './config.js';
import { EventDetail } from './event-detail.js';
import { Now } from './now.js';
import { RawEvents, Timeline } from './history.js';

const ReadModels = lazy(() => import('./read-models.js'));

/** Wide enough for the list and the drawer side by side. */
const DOCKED = matchMedia('(min-width: 1080px)');
const onDock = (listener: () => void): (() => void) => {
  DOCKED.addEventListener('change', listener);
  return () => DOCKED.removeEventListener('change', listener);
};

/** What is known of the row named in the URL: beside the list where there is room, else over it. */
export default function Drawer() {
  const { section, id } = usePlace();
  if (id === undefined) return null;
  switch (section) {
    case 'federation':
      return <PeerDrawer key={section} id={id} />;
    case 'services':
      return <ServiceDrawer key={section} id={id} />;
    case 'events':
      return <EventDrawer position={id} />;
    case 'edge':
      return <AgentDrawer key={section} id={id} />;
  }
}

const PeerDrawer = ({ id }: { id: string }) => {
  const query = useQuery(peersQuery);
  return <RowDrawer row={rowIn(query.data?.data.find((peer) => peer.peer_id === id))} query={query} />;
};

const AgentDrawer = ({ id }: { id: string }) => {
  const query = useQuery(agentsQuery);
  const listed = query.data?.data.find((agent) => agent.agent_id === id);
  const other = useQuery({ ...agentQuery(id), enabled: query.data !== undefined && listed === undefined });
  const isListed = listed !== undefined || query.data === undefined;
  return <RowDrawer row={rowIn(listed ?? (isListed ? undefined : (other.data ?? undefined)))} query={isListed ? query : other} />;
};

const ServiceDrawer = ({ id }: { id: string }) => {
  const query = useQuery(servicesQuery);
  return <RowDrawer row={rowIn(query.data?.data.find((component) => component.component_id === id))} query={query} />;
};

const rowIn = (record: Parameters<typeof rowOf>[0] | undefined): Row | null => (record === undefined ? null : rowOf(record));

const NAMES: Record<Tab, string> = {
  now: 'Now',
  timeline: 'Timeline',
  calls: 'Calls',
  models: 'Read models',
  config: 'Config',
  raw: 'Raw events',
};
/** Only peers have calls, and only the projections are read models. */
const tabsOf = ({ peer, component }: Row): readonly Tab[] =>
  TABS.filter((tab) => (tab !== 'calls' || peer !== null) && (tab !== 'models' || component?.kind === 'projections'));

const RowDrawer = ({ row: current, query }: { row: Row | null; query: Asked }) => {
  const wanted = usePlace().tab ?? 'now';
  const go = useGo();
  const row = useLast(current);
  const trouble = useTrouble(query);
  if (row === null) return <NoRow trouble={trouble} isLoading={query.data === undefined} />;
  const gone = current === null && query.data !== undefined;
  const tabs = tabsOf(row);
  const tab = tabs.includes(wanted) ? wanted : 'now';
  return (
    <Panel
      title={row.name}
      about={
        gone ? (
          <span className="font-medium text-down">Removed. This is the last that was known.</span>
        ) : (
          <span className="flex items-center gap-2">
            <StateMark status={row.status} health={row.health} />
            <Archived row={row} />
          </span>
        )
      }
    >
      <Tabs.Root
        value={tab}
        onValueChange={(next) => go({ tab: next === 'now' ? undefined : (next as Tab) }, true)}
        className="flex min-h-0 flex-1 flex-col"
      >
        <Tabs.List aria-label={`About ${row.name}`} className="flex gap-4 border-b border-line px-5">
          {tabs.map((name) => (
            <Tabs.Trigger
              key={name}
              value={name}
              className="-mb-px h-9 border-b-2 border-transparent text-soft hover:text-ink data-[state=active]:border-ink data-[state=active]:font-medium data-[state=active]:text-ink"
            >
              {NAMES[name]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value={tab} className="believed min-h-0 flex-1 overflow-y-auto px-5 py-4 outline-offset-[-2px]">
          {tab === 'now' && <Now row={row} />}
          {tab === 'timeline' && <Timeline row={row} />}
          {tab === 'calls' && <Calls peerId={row.id} />}
          {tab === 'models' && (
            <Suspense fallback={<div className="skeleton h-4 w-40" />}>
              <ReadModels />
            </Suspense>
          )}
          {tab === 'config' && <Config row={row} />}
          {tab === 'raw' && <RawEvents row={row} />}
        </Tabs.Content>
      </Tabs.Root>
    </Panel>
  );
};

const Archived = ({ row: { agent } }: { row: Row }) =>
  agent === null || agent.archived_at === null ? null : (
    <span className="text-faint">
      archived <Time at={agent.archived_at} />
    </span>
  );

const NoRow = ({ trouble, isLoading }: { trouble: Problem | null; isLoading: boolean }) => (
  <Panel title={trouble !== null ? 'Not known' : isLoading ? 'Loading…' : 'Not here'} about="">
    <div className="px-5 py-4 text-soft">
      {trouble !== null ? (
        <ProblemNote problem={trouble} />
      ) : isLoading ? null : (
        <p>Nothing by this id is listed. It may have been removed, or the link is cut short.</p>
      )}
    </div>
  </Panel>
);

/** What was removed while somebody looks at it is not snatched from under their eyes; another id begins anew. */
function useLast(row: Row | null): Row | null {
  const { id } = usePlace();
  const [last, setLast] = useState(row);
  if (row !== null && row !== last) setLast(row);
  return row ?? (last?.id === id ? last : null);
}

const EventDrawer = ({ position }: { position: string }) => (
  <Panel title="Event" about={<span className="font-mono text-xs">{position}</span>}>
    <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">
      <EventDetail position={position} />
    </div>
  </Panel>
);

const Panel = ({ title, about, children }: { title: string; about: ReactNode; children: ReactNode }) => {
  const go = useGo();
  const docked = useSyncExternalStore(onDock, () => DOCKED.matches);
  const close = (): void => go({ id: undefined, tab: undefined });
  const { id = '' } = usePlace();
  const place = docked ? 'sticky top-0 h-dvh w-[408px] shrink-0 border-l' : 'fixed inset-y-0 right-0 z-30 w-full max-w-[480px] shadow-pop';
  return (
    <Dialog.Root open modal={!docked} onOpenChange={(open) => !open && close()}>
      <Dialog.Content
        aria-describedby={undefined}
        onOpenAutoFocus={(event) => {
          // The drawer itself, which says its title; the first button in it would be the one that closes it.
          event.preventDefault();
          (event.currentTarget as HTMLElement).focus();
        }}
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          const row = document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"] [data-row-link]`);
          (row ?? document.getElementById('content'))?.focus(); // A row that is gone leaves the list.
        }}
        onInteractOutside={(event) => docked && event.preventDefault()}
        data-drawer=""
        {...(docked ? {} : { 'data-modal': '', 'aria-modal': true })}
        className={`slide flex flex-col border-line bg-card outline-none ${place}`}
      >
        <header className="flex items-start gap-3 px-5 pt-4 pb-2">
          <div className="min-w-0 flex-1">
            <Dialog.Title className="truncate text-lg font-semibold">{title}</Dialog.Title>
            <div className="min-h-5">{about}</div>
          </div>
          <Dialog.Close asChild>
            <IconButton icon="close" label="Close" hint="Esc" look="small" className="-mr-1.5" />
          </Dialog.Close>
        </header>
        {children}
      </Dialog.Content>
    </Dialog.Root>
  );
};
