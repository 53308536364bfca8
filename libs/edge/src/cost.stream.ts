import { type Instant, streamOf } from '@app/kernel';
import * as events from './events/index.js';
import type { CostRecorded } from './events/index.js';

/** So many days are told apart: around midnight an agent still speaks of the day before. */
export const DAYS = 2;

/** What was last said of a day, and when. */
export interface CostSaid {
  readonly cost: CostRecorded;
  readonly at: Instant;
}

/** By day, the last ones. */
export type Costs = Readonly<Record<string, CostSaid>>;

export const cost = streamOf('edge.cost', events).folds<Costs>({
  initial: {},
  evolve: { 'edge.cost.recorded': (days, { data, at }) => newest({ ...days, [data.day]: { cost: data, at } }) },
});

const newest = (days: Costs): Costs =>
  Object.fromEntries(
    Object.entries(days)
      .sort(([a], [b]) => (a < b ? 1 : -1))
      .slice(0, DAYS),
  );
