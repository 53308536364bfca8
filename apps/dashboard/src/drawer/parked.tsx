import { useQuery } from '@tanstack/react-query';
import { type RefObject, useLayoutEffect, useRef } from 'react';
import { ProblemError } from '../api/http.js';
import { parkedQuery, useRetryModel } from '../api/projections.js';
import type { Parked, Projection, RetryOutcome } from '../contract.js';
import { retriedWords, streamOfPosition, unitKey } from '../logic/projections.js';
import { useMay } from '../page/access.js';
import { askFor } from '../page/asking.js';
import { GoTo } from '../page/place.js';
import { Button } from '../parts/button.js';
import { Time } from '../parts/clock.js';
import { ProblemNote } from '../parts/field.js';
import { notify } from '../parts/notices.js';
import { Code } from './facts.js';

const focusModel = (name: string): void => document.querySelector<HTMLElement>(`[data-model="${CSS.escape(name)}"] button`)?.focus();

/** Says what a retry came to. Its button goes with the parked rows, so the focus moves to the read model. */
export function tellRetried(name: string, outcome: RetryOutcome): void {
  notify(retriedWords(name, outcome), outcome.parked === 0);
  focusModel(name);
}

/** A unit may go on at any time, also while the focus is in it. */
function useFocusOnLeave(name: string): RefObject<HTMLLIElement | null> {
  const unit = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    const element = unit.current;
    return () => {
      if (element?.contains(document.activeElement)) focusModel(name);
    };
  }, [name]);
  return unit;
}

/** The rows and subjects of one read model that stand still, oldest first. */
export const ParkedList = ({ model: { name, kind, parked: count } }: { model: Projection }) => {
  const query = useQuery(parkedQuery(name));
  const parked = query.data?.data;
  if (parked === undefined)
    return query.error instanceof ProblemError ? (
      <ProblemNote problem={query.error.problem} />
    ) : (
      <div className="skeleton h-4 w-40" aria-busy="true" />
    );
  return (
    <div>
      <h3 className="mb-1 font-medium">Parked</h3>
      <ul aria-label={`Parked in ${name}`} className="grid grid-cols-1">
        {parked.map((one) => (
          <ParkedUnit key={unitKey(one)} parked={one} name={name} canRetry={kind === 'projection'} />
        ))}
      </ul>
      {count > parked.length && (
        <p className="mt-1 text-xs text-faint">
          The oldest {parked.length} of {count}.
        </p>
      )}
    </div>
  );
};

const ParkedUnit = ({ parked, name, canRetry }: { parked: Parked; name: string; canRetry: boolean }) => {
  const operator = useMay('operator');
  const admin = useMay('admin');
  const retry = useRetryModel();
  const unitRef = useFocusOnLeave(name);
  const { unit, value, position, code, detail, release, skipped, voidable, parked_at } = parked;
  return (
    <li ref={unitRef} data-parked={value} className="grid gap-1 border-b border-line py-2 last:border-b-0">
      <p className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 break-all">
          <span className="text-faint">{unit}</span> <span className="font-medium">{value}</span>
        </span>
        <Time at={parked_at} className="shrink-0 text-xs text-faint" />
      </p>
      <p className="break-words text-soft">
        {detail} <Code>{code}</Code>
      </p>
      <p className="text-xs text-faint">
        {skipped > 0 && `${skipped} events left out · `}
        last tried by release {release}
      </p>
      {retry.error instanceof ProblemError && <ProblemNote problem={retry.error.problem} />}
      <div className="flex flex-wrap items-center gap-2">
        {operator && canRetry && (
          <Button
            aria-label={`Retry ${unit} ${value}`}
            disabled={retry.isPending}
            onClick={() => retry.mutate({ name, unit: parked }, { onSuccess: (outcome) => tellRetried(name, outcome) })}
          >
            {retry.isPending ? 'Retrying…' : 'Retry'}
          </Button>
        )}
        {admin && voidable && (
          <Button aria-label={`Void event ${position}`} onClick={() => askFor({ kind: 'void', position })}>
            Void…
          </Button>
        )}
        <GoTo to={{ section: 'events', id: position, ...streamOfPosition(position) }} className="text-accent underline underline-offset-2">
          See event {position}
        </GoTo>
      </div>
    </li>
  );
};
