import { newEvent } from '@app/kernel';
import { rule } from '@app/kernel/testing';
import { about } from '../../../testing/index.js';
import { CostRecorded } from '../../events/index.js';
import { recordCost } from './record-cost.decide.js';

const { given } = rule(recordCost);
const cost = (more: Partial<CostRecorded> = {}) => newEvent(CostRecorded, { ...CostRecorded.example, ...about, ...more });

describe('record-cost', () => {
  it('keeps the first', () => given().when(cost().data).then(cost()));
  it('keeps nothing twice', () => given(cost()).when(cost().data).then());
  it.each<Partial<CostRecorded>>([
    { usd: 2 },
    { usd: 1 },
    { tokens: 1 },
    { missing_cost_entries: 1 },
    { fresh: false },
    { by_model: [] },
    { by_model: [{ model: 'other', usd: 1.84, tokens: 120_400 }] },
  ])('keeps %j', (more) => given(cost()).when(cost(more).data).then(cost(more)));
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
