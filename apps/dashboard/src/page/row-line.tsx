import { type MouseEvent, Suspense, lazy, memo, useEffect, useRef, useState } from 'react';
import type { Component, Peer } from '../contract.js';
import { type Row, componentRow, peerRow } from '../logic/rows.js';
import { Bar } from '../parts/bar.js';
import { IconButton } from '../parts/button.js';
import { Time } from '../parts/clock.js';
import { StateMark } from '../parts/state-mark.js';
import { GoTo } from './place.js';

const RowMenu = lazy(() => import('./row-menu.js'));

const rows = new WeakMap<Peer | Component, Row>();

/** The same record gives the same row, so that a patch renders its own line and no other. */
export function rowOf(record: Peer | Component): Row {
  const known = rows.get(record);
  if (known !== undefined) return known;
  const row = 'peer_id' in record ? peerRow(record) : componentRow(record);
  rows.set(record, row);
  return row;
}

export interface Columns {
  name: string;
  figure: string;
  seen: string;
}

export const LineHead = ({ columns }: { columns: Columns }) => (
  <div role="rowgroup">
    <div role="row" className="line head h-8 border-b border-line text-xs font-medium text-faint">
      <span role="columnheader">State</span>
      <span role="columnheader">{columns.name}</span>
      <span role="columnheader" className="text-right">
        For
      </span>
      <span role="columnheader" className="text-right">
        {columns.figure}
      </span>
      <span role="columnheader" className="col-bar">
        Last 60 minutes
      </span>
      <span role="columnheader" className="col-seen text-right">
        {columns.seen}
      </span>
      <span role="columnheader">
        <span className="sr-only">Actions</span>
      </span>
    </div>
  </div>
);

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
          data-row-link=""
          aria-current={chosen || undefined}
          className="max-w-full shrink-0 truncate rounded-sm font-semibold"
        >
          {row.name}
        </GoTo>
        {row.place !== null && <span className="truncate text-xs text-faint">{row.place}</span>}
      </div>
      <div role="cell" className="col-since text-right text-soft">
        <Time at={row.since} tell="for" />
      </div>
      <div role="cell" className="col-figure text-right" data-tip={row.figureTip}>
        {row.figure}
      </div>
      <div role="cell" className="col-bar">
        <Bar history={row.history} />
      </div>
      <div role="cell" className="col-seen text-right text-soft">
        <Time at={row.lastSeen} />
      </div>
      <div role="cell" className="col-menu justify-self-end">
        <LazyMenu row={row} />
      </div>
      {row.health !== 'up' && (
        <div role="cell" className="why text-soft">
          {row.sentence}
        </div>
      )}
    </div>
  );
});

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
