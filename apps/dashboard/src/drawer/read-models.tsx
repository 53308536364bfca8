import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemError } from '../api/http.js';
import { projectionsQuery, useRetryModel } from '../api/projections.js';
import type { Projection } from '../contract.js';
import { duration } from '../logic/moment.js';
import { isTroubled, modelAdvice, modelBrief } from '../logic/projections.js';
import { useMay } from '../page/access.js';
import { askFor } from '../page/asking.js';
import { Button } from '../parts/button.js';
import { ProblemNote } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { INK, StateShape } from '../parts/state-mark.js';
import { Code, Fact, Facts } from './facts.js';
import { ParkedList, tellRetried } from './parked.js';

/** Every read model: how far it is, what stands still in it, and what can be done. Those in trouble are open. */
export default function ReadModels() {
  const query = useQuery(projectionsQuery);
  if (query.data === undefined)
    return query.error instanceof ProblemError ? (
      <ProblemNote problem={query.error.problem} />
    ) : (
      <div className="skeleton h-4 w-40" aria-busy="true" />
    );
  return (
    <div className="grid grid-cols-1 gap-3">
      <p className="text-soft">
        Each list of this page is read from a read model. An event that cannot be used parks its row: that row keeps its last values, all
        others go on.
      </p>
      <ul aria-label="Read models" className="grid grid-cols-1 gap-1">
        {query.data.data.map((model) => (
          <Model key={model.name} model={model} />
        ))}
      </ul>
    </div>
  );
}

const Model = ({ model }: { model: Projection }) => {
  const [open, setOpen] = useState(isTroubled(model)); // Stays open when the trouble is over: somebody is reading.
  return (
    <li data-model={model.name} className="rounded-md border border-line">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-8 w-full min-w-0 items-center gap-2 rounded-md px-2 py-1 text-left hover:bg-hover"
      >
        <Icon name="chevron" className={`text-faint ${open ? 'rotate-90' : ''}`} />
        <StateShape status={model.state} health={model.health} />
        <span className="min-w-0 flex-1 truncate font-medium">{model.name}</span>
        <span className={`shrink-0 text-xs ${INK[model.health]}`}>{modelBrief(model)}</span>
      </button>
      {open && <ModelDetail model={model} />}
    </li>
  );
};

const ModelDetail = ({ model }: { model: Projection }) => {
  const { name, state, parked, building, rebuilt, lag_events: behind, lag_seconds: seconds, kind, position } = model;
  const advice = modelAdvice(model);
  return (
    <div className="grid grid-cols-1 gap-3 border-t border-line px-3 py-3">
      {advice !== null && <p className="rounded-md bg-degraded-wash px-3 py-2">{advice}</p>}
      <Facts>
        <Fact name="State">{state.replaceAll('_', ' ')}</Fact>
        <Fact name="Behind">
          {behind === 0 ? 'Nothing' : `${behind} ${behind === 1 ? 'event' : 'events'}, the oldest of ${duration(seconds * 1_000)} ago`}
        </Fact>
        <Fact name="Position">
          <Code>{position}</Code>
        </Fact>
        {building !== null && (
          <Fact name="Rebuilding">
            <Code>{building.position}</Code> of <Code>{building.target}</Code>
            <span className="block text-xs text-faint">Readers keep the old rows until the new ones have caught up.</span>
          </Fact>
        )}
        {rebuilt !== null && (
          <Fact name="Last rebuild">
            {rebuilt.rows} rows, {rebuilt.differences} of them other than before
          </Fact>
        )}
        {kind === 'rollup' && (
          <Fact name="Roll-up">Cannot be rebuilt: its telemetry is gone. It leaves out an event that it cannot use, and counts it.</Fact>
        )}
      </Facts>
      {parked > 0 && <ParkedList model={model} />}
      {kind === 'projection' && <Actions name={name} parked={parked} state={state} building={building} />}
    </div>
  );
};

const Actions = ({ name, parked, state, building }: Pick<Projection, 'name' | 'parked' | 'state' | 'building'>) => {
  const operator = useMay('operator');
  const admin = useMay('admin');
  const retry = useRetryModel();
  const mayRetry = operator && (parked > 0 || state === 'halted');
  if (!mayRetry && !admin) return null;
  return (
    <div className="grid gap-2">
      {retry.error instanceof ProblemError && <ProblemNote problem={retry.error.problem} />}
      <div className="flex flex-wrap gap-2">
        {mayRetry && (
          <Button disabled={retry.isPending} onClick={() => retry.mutate({ name }, { onSuccess: (outcome) => tellRetried(name, outcome) })}>
            {retry.isPending ? 'Retrying…' : 'Retry all'}
          </Button>
        )}
        {admin && (
          <Button disabled={building !== null} onClick={() => askFor({ kind: 'rebuild', name })}>
            {building === null ? 'Rebuild…' : 'Rebuilding…'}
          </Button>
        )}
      </div>
    </div>
  );
};
