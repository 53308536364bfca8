import { useSearch } from '@tanstack/react-router';
import { type MouseEvent, Suspense, lazy, memo, useEffect, useRef, useState } from 'react';
import type { LiveSection, RowRecord } from '../contract.js';
import type { Address } from '../logic/address.js';
import { NOTHING } from '../logic/moment.js';
import { type Row, agentRow, componentRow, foundBy, peerRow } from '../logic/rows.js';
import { Bar } from '../parts/bar.js';
import { IconButton } from '../parts/button.js';
import { Time, useClock } from '../parts/clock.js';
import { StateMark } from '../parts/state-mark.js';
import { GoTo } from './place.js';
import { AgentCells, PeerCells, LastSeen } from './row-cells.js';

const RowMenu = lazy(() => import('./row-menu.js'));

const rows = new WeakMap<RowRecord, Row>();

/** The same record gives the same row, so that a patch renders its own line and no other. */
export function rowOf(record: RowRecord): Row {
  const known = rows.get(record);
  if (known !== undefined) return known;
  const row = 'peer_id' in record ? peerRow(record) : 'agent_id' in record ? agentRow(record) : componentRow(record);
  rows.set(record, row);
  return row;
}

interface Columns {
  readonly name: string;
  readonly figure: string;
  /** One column, or two that take its place. */
  readonly middle: readonly [string] | readonly [string, string];
  readonly seen: string;
}

const COLUMNS: Record<LiveSection, Columns> = {
  federation: { name: 'Peer', figure: 'RTT', middle: ['Calls in', 'Calls out'], seen: 'Heartbeat' },
  edge: { name: 'Agent', figure: 'RTT', middle: ['Uptime', 'Last sync'], seen: 'Cost today' },
  services: { name: 'Service', figure: 'Latency', middle: ['Last 60 minutes'], seen: 'Last probe' },
};

export const LineHead = ({ section }: { section: LiveSection }) => {
  const { name, figure, middle, seen } = COLUMNS[section];
  return (
    <div role="rowgroup">
      <div role="row" className="line head h-8 border-b border-line text-xs font-medium text-faint">
        <span role="columnheader">State</span>
        <span role="columnheader">{name}</span>
        <span role="columnheader" className="text-right">
          For
        </span>
        <span role="columnheader" className="text-right">
          {figure}
        </span>
        {middle.length === 1 ? (
          <span role="columnheader" className="col-bar">
            {middle[0]}
          </span>
        ) : (
          middle.map((word, index) => (
            <span key={word} role="columnheader" className={`${index === 0 ? 'col-first' : 'col-second'} text-right`}>
              {word}
            </span>
          ))
        )}
        <span role="columnheader" className="col-seen text-right">
          {seen}
        </span>
        <span role="columnheader">
          <span className="sr-only">Actions</span>
        </span>
      </div>
    </div>
  );
};

/** Whether the value differs from the one of the first rendering. */
function useChanged(value: string): boolean {
  const first = useRef(value);
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    if (first.current === value) return;
    first.current = value;
    setChanged(true);
    const timer = setTimeout(() => setChanged(false), 2_000);
    return () => clearTimeout(timer);
  }, [value]);
  return changed;
}

/** One row. All of it opens its drawer; its name is the link. */
export const RowLine = memo(({ row, chosen }: { row: Row; chosen: boolean }) => {
  const changed = useChanged(row.status);
  const link = useRef<HTMLAnchorElement>(null);
  const open = ({ target }: MouseEvent): void => {
    if (target instanceof Element && target.closest('a, button, [role=menu]') === null) link.current!.click();
  };
  return (
    <div
      role="row"
      data-row={row.id}
      data-status={row.status}
      data-health={row.health}
      onClick={open}
      className={`line row border-b border-line last:border-b-0 ${chosen ? 'bg-chosen' : 'hover:bg-hover'} ${changed ? 'changed' : ''}`}
    >
      <div role="cell" className="col-state">
        <StateMark status={row.status} health={row.health} />
      </div>
      <div role="cell" className="col-name flex min-w-0 items-baseline gap-2.5">
        <GoTo
          ref={link}
          to={{ section: row.section, id: row.id }}
          within
          data-row-link=""
          aria-current={chosen || undefined}
          className="max-w-full shrink-0 truncate rounded-sm font-semibold"
        >
          {row.name}
        </GoTo>
        {row.agent !== null && row.agent.archived_at !== null && (
          <span className="shrink-0 text-xs text-faint">
            archived <Time at={row.agent.archived_at} />
          </span>
        )}
        {row.place !== null && <span className="truncate text-xs text-faint">{row.place}</span>}
        <FoundBy row={row} />
      </div>
      <div role="cell" className="col-since text-right text-soft">
        <Time at={row.since} tell="for" />
      </div>
      <div
        role="cell"
        className={`col-figure text-right ${row.knownAt !== null || row.figure === NOTHING ? 'text-faint' : ''}`}
        data-tip={row.figureTip}
      >
        {row.figure}
      </div>
      {row.peer !== null && <PeerCells peer={row.peer} />}
      {row.agent !== null && <AgentCells agent={row.agent} />}
      {row.component !== null && (
        <>
          <div role="cell" className="col-bar">
            <Bar history={row.history} />
          </div>
          <LastSeen at={row.lastSeen} />
        </>
      )}
      <div role="cell" className="col-menu justify-self-end">
        <LazyMenu row={row} />
      </div>
      {row.health !== 'up' && (
        <div role="cell" className="why text-soft">
          <Told row={row} />
          {row.knownAt !== null && (
            <span className="text-faint">
              {' '}
              Last known <Time at={row.knownAt} />
              {row.knownThen === null ? '.' : `: ${row.knownThen}.`}
            </span>
          )}
        </div>
      )}
    </div>
  );
});

/** Says what a search found where the line itself does not show it. */
const FoundBy = ({ row }: { row: Row }) => {
  const found = useSearch({ from: '/infrastructure', select: ({ q }: Address) => foundBy(row, { q }) });
  return found === null ? null : <mark className="truncate bg-transparent text-xs text-soft">{found}</mark>;
};

/** Made again as time passes. */
const Told = ({ row }: { row: Row }) => useClock(row.told);

/** A thousand rows are a thousand buttons, not menus: the menu comes when it is first asked for. */
const LazyMenu = ({ row }: { row: Row }) => {
  const [wanted, setWanted] = useState(false);
  const button = (
    <IconButton
      icon="more"
      look="small"
      label={`Actions for ${row.name}`}
      data-tip={undefined}
      aria-haspopup="menu"
      onClick={() => setWanted(true)}
    />
  );
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <RowMenu row={row} />
    </Suspense>
  );
};
