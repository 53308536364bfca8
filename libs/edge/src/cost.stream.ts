import { streamOf } from '@app/kernel';
import * as events from './events/index.js';
import type { CostRecorded } from './events/index.js';

/** So many days are told apart: around midnight an agent still speaks of the day before. */
export const DAYS = 2;

/** What was last said of each of the last days. */
export type Costs = Readonly<Record<string, CostRecorded>>;

export const cost = streamOf('edge.cost', events).folds<Costs>({
  initial: {},
  evolve: { 'edge.cost.recorded': (days, { data }) => newest({ ...days, [data.day]: data }) },
});

const newest = (days: Costs): Costs =>
  Object.fromEntries(
    Object.entries(days)
      .sort(([a], [b]) => (a < b ? 1 : -1))
      .slice(0, DAYS),
  );
