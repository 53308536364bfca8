import { type Decider, newEvent } from '@app/kernel';
import { type Costs, DAYS, cost } from '../../cost.stream.js';
import { CostRecorded } from '../../events/index.js';

/** Of one day of one agent a fact is written so often at most, and once more when the day is over. */
export const COST_MS = 6 * 3_600_000;
/** So long after its end a day is over: agents tell of its last minutes a little later. */
const SETTLED_MS = 600_000;

/**
 * What a day cost is kept when its numbers are others than before: at once for the first time and when the day is over, else no sooner
 * than six hours after the last. Of a day long past nothing new is taken.
 */
export const recordCost: Decider<Costs, CostRecorded, typeof CostRecorded> = {
  on: ({ agent_id }) => cost.of(agent_id),
  decide: (days, { data, at }) => {
    const known = days[data.day];
    const isPast = Object.keys(days).length >= DAYS && Object.keys(days).every((day) => data.day < day);
    if (isPast || (known !== undefined && sameCost(known.cost, data))) return [];
    return known === undefined || isDue(data.day, Date.parse(known.at), Date.parse(at)) ? [newEvent(CostRecorded, data)] : [];
  },
};

/** Milliseconds since 1970. Right after the end of a day its account waits until it is settled: so there are five of a day, not six. */
const isDue = (day: string, saidMs: number, nowMs: number): boolean =>
  isClosed(day, saidMs, nowMs) || (nowMs - saidMs >= COST_MS && (day >= utcDay(nowMs) || isOver(day, nowMs)));

/** Whether the day came to be over in between. */
export const isClosed = (day: string, fromMs: number, toMs: number): boolean => !isOver(day, fromMs) && isOver(day, toMs);
const isOver = (day: string, nowMs: number): boolean => day < utcDay(nowMs - SETTLED_MS);
const utcDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const sameCost = (a: CostRecorded, b: CostRecorded): boolean =>
  a.usd === b.usd &&
  a.tokens === b.tokens &&
  a.missing_cost_entries === b.missing_cost_entries &&
  a.fresh === b.fresh &&
  JSON.stringify(a.by_model.map(({ model, usd, tokens }) => [model, usd, tokens])) ===
    JSON.stringify(b.by_model.map(({ model, usd, tokens }) => [model, usd, tokens])) &&
  JSON.stringify(a.by_agent.map(({ gateway, agent, usd, tokens }) => [gateway, agent, usd, tokens])) ===
    JSON.stringify(b.by_agent.map(({ gateway, agent, usd, tokens }) => [gateway, agent, usd, tokens]));
