import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Accepted, Answer, Parked, Position, Projection, RetryOutcome, StoredEvent } from '../contract.js';
import { ask } from './http.js';
import { KEYS } from './queries.js';

/** No stream carries these: they are read while somebody looks at them. */
const LOOK_MS = 5_000;
/** A rebuild is short, and somebody waits for its end. */
const BUILDING_MS = 1_000;
/** A retry reads rows from the first event of the log. */
const RETRY_MS = 65_000;

export const projectionsQuery = queryOptions({
  queryKey: KEYS.projections,
  queryFn: ({ signal }) => ask<Answer<Projection[]>>('/projections', { signal }),
  refetchInterval: ({ state }) => (state.data?.data.some(({ building }) => building !== null) === true ? BUILDING_MS : LOOK_MS),
});

const pathOf = (name: string): string => `/projections/${encodeURIComponent(name)}`;

/** The oldest parked units of one read model. */
export const parkedQuery = (name: string) =>
  queryOptions({
    queryKey: [...KEYS.projections, name],
    queryFn: ({ signal }) => ask<Answer<Parked[]>>(`${pathOf(name)}/parked`, { signal, query: { limit: '50' } }),
    refetchInterval: LOOK_MS,
  });

/** One event as it is stored. */
export const eventQuery = (position: Position) =>
  queryOptions({
    queryKey: [...KEYS.events, position],
    queryFn: ({ signal }) => ask<Answer<StoredEvent>>(`/events/${encodeURIComponent(position)}`, { signal }),
  });

/** Everything that is parked in a read model, or one unit of it. */
export interface Retry {
  name: string;
  unit?: Pick<Parked, 'unit' | 'value'>;
}

export const useRetryModel = () =>
  useChange<Retry, RetryOutcome>(({ name, unit }) =>
    ask(`${pathOf(name)}/retry`, {
      method: 'POST',
      body: unit === undefined ? {} : { unit: unit.unit, value: unit.value },
      timeoutMs: RETRY_MS,
    }),
  );

export const useRebuildModel = () => useChange<string, void>((name) => ask(`${pathOf(name)}/rebuild`, { method: 'POST' }));

export interface Voiding {
  position: Position;
  hash: string;
  reason: string;
}

/** Safe to repeat: a second void of the same event changes nothing. */
export const useVoidEvent = () => useChange<Voiding, Accepted>((body) => ask('/projections/void', { method: 'POST', body }));

/** Sends, then reads again what it may have changed. */
function useChange<Command, Outcome>(send: (command: Command) => Promise<Outcome>) {
  const client = useQueryClient();
  return useMutation<Outcome, Error, Command>({
    mutationFn: send,
    // Not waited for: the row that was acted on may be gone with the new answer, and its outcome would not be told.
    onSettled: () => {
      for (const queryKey of [KEYS.projections, KEYS.events]) void client.invalidateQueries({ queryKey });
    },
  });
}
