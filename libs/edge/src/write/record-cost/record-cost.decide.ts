import { type Rule, newEvent } from '@app/kernel';
import { type Costs, DAYS, cost } from '../../cost.stream.js';
import { CostRecorded } from '../../events/index.js';

/** What a day cost is kept when its numbers are others than before. Of a day long past nothing new is taken. */
export const recordCost: Rule<Costs, CostRecorded, typeof CostRecorded> = {
  on: ({ agent_id }) => cost.of(agent_id),
  decide: (days, { data }) => {
    const known = days[data.day];
    const isPast = Object.keys(days).length >= DAYS && Object.keys(days).every((day) => data.day < day);
    return isPast || (known !== undefined && sameCost(known, data)) ? [] : [newEvent(CostRecorded, data)];
  },
};

const sameCost = (a: CostRecorded, b: CostRecorded): boolean =>
  a.usd === b.usd &&
  a.tokens === b.tokens &&
  a.missing_cost_entries === b.missing_cost_entries &&
  a.fresh === b.fresh &&
  JSON.stringify(a.by_model.map(({ model, usd, tokens }) => [model, usd, tokens])) ===
    JSON.stringify(b.by_model.map(({ model, usd, tokens }) => [model, usd, tokens]));
