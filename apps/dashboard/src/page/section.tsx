import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import type { Answer, LiveSection, RowRecord } from '../contract.js';
import type { Address } from '../logic/address.js';
import { ARCHIVED, type Groups, type Row, counts, grouped, matches } from '../logic/rows.js';
import { APART, type Kind, healthOfKind, kindWord } from '../logic/section-status.js';
import { capital, wordOf } from '../logic/words.js';
import { Button } from '../parts/button.js';
import { ProblemNote } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { StateShape } from '../parts/state-mark.js';
import { SearchBox } from './search-box.js';
import { LineHead, RowLine, rowOf } from './row-line.js';
import { SectionHead, Warnings } from './section-head.js';
import { useGo, usePlace } from './place.js';
import { useTrouble } from './trouble.js';

interface SectionProps {
  section: LiveSection;
  title: string;
  query: UseQueryResult<Answer<RowRecord[]>>;
  /** Beside the title. */
  action?: ReactNode;
  /** Under the title: the other views of the section. */
  views?: ReactNode;
  /** After the filters by state: one that shows another list. */
  otherList?: ReactNode;
  /** At the end of the line of filters. */
  sum?: ReactNode;
  /** Instead of the list, when there is nothing to list: says what would stand here, and how it gets here. */
  empty: ReactNode;
}

/** A list of rows: problems first, the healthy folded away while there are any. */
export const RowSection = ({ section, title, query, action, views, otherList, sum, empty }: SectionProps) => {
  const place = usePlace();
  const rows = useMemo(() => query.data?.data.map(rowOf), [query.data]);
  const opened = useOpened(place);
  const found = useMemo(() => rows?.filter((row) => row.id === opened || matches(row, place)), [rows, place, opened]);
  const isEmpty = rows?.length === 0;
  const trouble = useTrouble(query);
  return (
    <section aria-labelledby="section-title" className="px-4 pb-8 sm:px-6">
      <SectionHead title={title} action={!isEmpty && action}>
        {!isEmpty && <SearchBox placeholder={`Search ${title.toLowerCase()}`} />}
      </SectionHead>
      {views}
      {rows !== undefined && !isEmpty && (
        <div className="believed mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <HealthFilter rows={rows} otherList={otherList} />
          {sum}
        </div>
      )}
      {query.data !== undefined && <Warnings answer={query.data} />}
      {trouble !== null ? (
        <ProblemNote problem={trouble} />
      ) : isEmpty ? (
        empty
      ) : (
        <div
          role="table"
          aria-label={title}
          aria-busy={rows === undefined}
          data-columns={section}
          className="list believed rounded-lg border border-line bg-card"
        >
          <LineHead section={section} />
          {found === undefined ? (
            <Skeletons section={section} />
          ) : found.length === 0 ? (
            <NothingFound />
          ) : (
            <RowGroups groups={grouped(found)} opened={opened} />
          )}
        </div>
      )}
    </section>
  );
};

/**
 * The row that is open, or was last: it stays in the list for as long as search, filter and fold stay what they are, whatever becomes of it.
 * Else it could vanish under an open drawer, and closing that would leave the focus nowhere.
 */
function useOpened({ id, q, status, show }: Address): string | undefined {
  const list = JSON.stringify([q, status, show]);
  const [kept, setKept] = useState({ id, list });
  const next = id ?? (kept.list === list ? kept.id : undefined);
  if (next !== kept.id || list !== kept.list) setKept({ id: next, list });
  return next;
}

const FILTERS: readonly Kind[] = ['down', 'degraded', 'unknown', ...APART, 'up'];

const HealthFilter = ({ rows, otherList }: { rows: readonly Row[]; otherList: ReactNode }) => {
  const { status } = usePlace();
  const go = useGo();
  const count = counts(rows);
  const isOther = status !== undefined && status !== ARCHIVED && !FILTERS.some((kind) => kind === status);
  return (
    <div role="group" aria-label="Filter by state" className="flex flex-wrap gap-1">
      <FilterChip on={status === undefined} onClick={() => go({ status: undefined }, true)}>
        All {status !== ARCHIVED && <span className="text-soft">{rows.length}</span>}
      </FilterChip>
      {FILTERS.filter((kind) => count[kind] !== undefined || status === kind).map((kind) => (
        <FilterChip key={kind} on={status === kind} onClick={() => go({ status: status === kind ? undefined : kind }, true)}>
          <StateShape status={kind} health={healthOfKind(kind)} size={10} />
          {capital(kindWord(kind))} <span className="text-soft">{count[kind] ?? 0}</span>
        </FilterChip>
      ))}
      {otherList}
      {isOther && (
        <FilterChip on onClick={() => go({ status: undefined }, true)}>
          {capital(wordOf(status))} <Icon name="close" className="size-3" />
        </FilterChip>
      )}
    </div>
  );
};

export const FilterChip = ({ on, onClick, children }: { on: boolean; onClick: () => void; children: ReactNode }) => (
  <button
    type="button"
    aria-pressed={on}
    onClick={onClick}
    className={`flex h-7 items-center gap-1.5 rounded-md px-2.5 ${on ? 'bg-chosen font-medium' : 'text-soft hover:bg-hover hover:text-ink'}`}
  >
    {children}
  </button>
);

const FEW = 20;

const RowGroups = ({ groups: { problems, unknown, healthy }, opened }: { groups: Groups; opened: string | undefined }) => {
  const { show, status, q } = usePlace();
  // Decided once, when the section is entered: a problem that appears must not fold the rows somebody is reading.
  const [calm] = useState(problems.length === 0 && healthy.length <= FEW);
  const filtered = status !== undefined || q !== undefined;
  const foldable = !filtered && (problems.length + unknown.length > 0 || healthy.length > FEW);
  const unfolded = !foldable || (show === undefined ? calm : show === 'all');
  return (
    <>
      <RowGroup label="Needs attention" rows={problems} />
      <RowGroup label="Not judged" rows={unknown} />
      {healthy.length > 0 && foldable && <HealthyFold rows={healthy} unfolded={unfolded} />}
      <RowGroup label="Healthy" rows={unfolded ? healthy : healthy.filter(({ id }) => id === opened)} />
    </>
  );
};

const RowGroup = ({ label, rows }: { label: string; rows: readonly Row[] }) => {
  const { id } = usePlace();
  if (rows.length === 0) return null;
  return (
    <div role="rowgroup" aria-label={label} className="not-last:border-b not-last:border-line">
      {rows.map((row) => (
        <RowLine key={row.id} row={row} chosen={row.id === id} />
      ))}
    </div>
  );
};

const NAMED = 6;

/** The healthy in one line, named while they are few. */
const HealthyFold = ({ rows, unfolded }: { rows: readonly Row[]; unfolded: boolean }) => {
  const go = useGo();
  const names = rows.slice(0, NAMED).map(({ name }) => name);
  if (rows.length > NAMED) names.push(`${rows.length - NAMED} more`);
  return (
    <div role="rowgroup" className="not-last:border-b not-last:border-line">
      <div role="row">
        <div role="cell">
          <button
            type="button"
            aria-expanded={unfolded}
            onClick={() => go({ show: unfolded ? 'problems' : 'all' }, true)}
            className="flex h-10 w-full min-w-0 items-center gap-2 px-4 text-left hover:bg-hover"
          >
            <StateShape status="up" health="up" />
            <span className="font-medium text-up">{rows.length} healthy</span>
            <span className="min-w-0 flex-1 truncate text-faint">{unfolded ? '' : names.join(', ')}</span>
            <span className="text-soft">{unfolded ? 'Fold' : 'Show'}</span>
            <Icon name="chevron" className={`text-faint ${unfolded ? '-rotate-90' : 'rotate-90'}`} />
          </button>
        </div>
      </div>
    </div>
  );
};

const NothingFound = () => {
  const go = useGo();
  return (
    <div role="rowgroup">
      <div role="row">
        <div role="cell" className="flex flex-wrap items-center justify-between gap-3 px-4 py-6 text-soft">
          Nothing here matches the search and the filter.
          <Button onClick={() => go({ q: undefined, status: undefined }, true)}>Clear both</Button>
        </div>
      </div>
    </div>
  );
};

/** Rows before they are known: same height, same columns. */
const Skeletons = ({ section }: { section: LiveSection }) => (
  <div role="rowgroup" aria-hidden="true">
    {Array.from({ length: 6 }, (_, index) => (
      <div key={index} className="line row border-b border-line last:border-b-0">
        <div className="col-state skeleton h-3 w-20" />
        <div className="col-name skeleton h-3 w-40" />
        <div className="col-since skeleton h-3 justify-self-stretch" />
        <div className="col-figure skeleton h-3 justify-self-stretch" />
        {section === 'services' ? (
          <div className="col-bar skeleton h-5" />
        ) : (
          <>
            <div className="col-first skeleton h-3" />
            <div className="col-second skeleton h-3" />
          </>
        )}
        <div className="col-seen skeleton h-3" />
      </div>
    ))}
  </div>
);
