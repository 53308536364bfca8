import type { Filled } from '@app/event-store';
import { WriteBudget, budgetOf, untilTomorrow } from './write-budget.js';

const DAY_MS = 86_400_000;
const MAX = 396_000;

it.each([
  [0, 20],
  [0.5, 20],
  [0.7, 10.5],
  [0.9, 1],
  [0.99, 1],
])('gives a party of a record that is %s full %s shares of a day', (full, shares) => {
  expect(budgetOf({ bytes: full * MAX, maxBytes: MAX })).toBeCloseTo(1_000 * shares);
});

it('gives no limit where the stream has none', () => {
  expect(budgetOf(null)).toBe(Number.POSITIVE_INFINITY);
});

it('tells how long a day still lasts', () => {
  expect(untilTomorrow(3 * DAY_MS)).toBe(DAY_MS);
  expect(untilTomorrow(3 * DAY_MS - 1)).toBe(1);
});

describe('WriteBudget', () => {
  let filled: Filled | null;
  let nowMs: number;
  let budget: WriteBudget;
  beforeEach(() => {
    filled = { bytes: 0, maxBytes: MAX };
    nowMs = 10 * DAY_MS;
    budget = new WriteBudget(
      () => filled,
      () => nowMs,
    );
  });

  it('is spent by one party alone, until the day ends', () => {
    budget.wrote('peer:a', 19_999);
    expect(budget.isSpent('peer:a')).toBe(false);
    budget.wrote('peer:a', 1);
    expect([budget.isSpent('peer:a'), budget.isSpent('peer:b')]).toEqual([true, false]);
    nowMs += DAY_MS - 1;
    expect(budget.isSpent('peer:a')).toBe(true);
    nowMs += 1;
    expect(budget.isSpent('peer:a')).toBe(false);
  });

  it('shrinks while the record fills', () => {
    budget.wrote('peer:a', 5_000);
    expect(budget.isSpent('peer:a')).toBe(false);
    filled = { bytes: 0.9 * MAX, maxBytes: MAX };
    expect(budget.isSpent('peer:a')).toBe(true);
  });
});
