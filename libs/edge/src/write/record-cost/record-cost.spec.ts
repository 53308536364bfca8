import { type Instant, newEvent } from '@app/kernel';
import { NOW, later, decider } from '@app/kernel/testing';
import { about } from '../../../testing/index.js';
import { CostRecorded } from '../../events/index.js';
import { recordCost } from './record-cost.decide.js';

const { given } = decider(recordCost);
const cost = (more: Partial<CostRecorded> = {}) => newEvent(CostRecorded, { ...CostRecorded.example, ...about, ...more });

/** Facts are of noon; what is asked for comes after that. */
const SIX_HOURS = later(360);
const OVER = '2026-02-02T00:10:00.000Z';
const ask = (more: Partial<CostRecorded>, at: Instant) => given(cost()).when(cost(more).data, { at });

describe('record-cost', () => {
  it('keeps the first', () => given().when(cost().data).then(cost()));
  it('keeps nothing twice', () => {
    for (const at of [NOW, SIX_HOURS, OVER] as const) ask({}, at).then();
  });
  it.each<Partial<CostRecorded>>([
    { usd: 2 },
    { usd: 1 },
    { tokens: 1 },
    { missing_cost_entries: 1 },
    { fresh: false },
    { by_model: [] },
    { by_agent: [] },
    { by_agent: [{ gateway: 'main', agent: 'main', usd: 1.84, tokens: 120_400 }] },
    { by_model: [{ model: 'other', usd: 1.84, tokens: 120_400 }] },
  ])('keeps %j, six hours later', (more) => {
    ask(more, later(359)).then();
    ask(more, SIX_HOURS).then(cost(more));
  });
  it.each<[string, Instant, Instant, number]>([
    ['when the day is over, however short a while ago it was kept', '2026-02-01T23:59:00.000Z', OVER, 1],
    ['not right after its end, though six hours passed', '2026-02-01T18:00:00.000Z', '2026-02-02T00:00:00.000Z', 0],
    ['not before its last minutes can have been told', '2026-02-01T23:59:00.000Z', '2026-02-02T00:09:59.999Z', 0],
    ['not again right after that', OVER, '2026-02-02T06:09:59.999Z', 0],
    ['when it is corrected, six hours after that', OVER, '2026-02-02T06:10:00.000Z', 1],
  ])('keeps what a day came to %s', (_when, said, at, facts) => {
    const known = { '2026-02-01': { cost: cost().data, at: said } };
    expect(recordCost.decide(known, { data: cost({ usd: 2 }).data, at, actor: 'test' })).toHaveLength(facts);
  });
  it('keeps each day for itself, also the one before', () => {
    given(cost())
      .when(cost({ day: '2026-02-02' }).data)
      .then(cost({ day: '2026-02-02' }));
    given(cost())
      .when(cost({ day: '2026-01-31' }).data)
      .then(cost({ day: '2026-01-31' }));
    given(cost({ day: '2026-01-31' }), cost(), cost({ day: '2026-01-31', usd: 9 }))
      .when(cost({ day: '2026-01-31', usd: 9 }).data)
      .then();
  });
  it('takes nothing more of a day long past', () =>
    given(cost({ day: '2026-01-30' }), cost({ day: '2026-01-31' }), cost())
      .when(cost({ day: '2026-01-30', usd: 9 }).data)
      .then());
});
