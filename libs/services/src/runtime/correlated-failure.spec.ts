import { T0 } from '../../testing/status-history.js';
import { isCorrelatedFailure } from './correlated-failure.js';
import { POLICY } from './policy.js';

type Since = number | null;
const correlatedFailures = (all: Since[], nowMs = T0 + 1_000): boolean[] => all.map((one) => isCorrelatedFailure(one, all, nowMs, POLICY));

it('doubts nobody while half of them answer', () => {
  expect(correlatedFailures([T0, T0, T0, null, null, null])).toEqual([false, false, false, false, false, false]);
});

it('doubts those that began to fail with most others, and no other', () => {
  expect(correlatedFailures([T0, T0, T0, null, null])).toEqual([true, true, true, false, false]);
});

it('does not doubt what has failed for longer, nor take it for a sign', () => {
  expect(correlatedFailures([T0 - 20_000, T0, T0, T0])).toEqual([false, true, true, true]);
  expect(correlatedFailures([T0 - 20_000, T0 - 20_000, T0, T0])).toEqual([false, false, false, false]);
});

it('lasts for one grace window', () => {
  const all = [T0, T0, T0];
  expect(correlatedFailures(all, T0 + 14_999)).toEqual([true, true, true]);
  expect(correlatedFailures(all, T0 + 15_000)).toEqual([false, false, false]);
});

it('takes more than two', () => expect(correlatedFailures([T0, T0])).toEqual([false, false]));
