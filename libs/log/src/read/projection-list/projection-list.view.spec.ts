import { healthOfProjection } from './projection-list.view.js';

it.each([
  ['running', 0, 'up'],
  ['running', 2, 'degraded'],
  ['starting', 0, 'degraded'],
  ['waiting', 2, 'degraded'],
  ['halted', 50, 'down'],
  ['refused', 0, 'down'],
  ['failed', 0, 'down'],
  ['stopped', 0, 'down'],
  ['not_running', 1, 'down'],
  ['standby', 0, 'unknown'],
] as const)('judges a read model that is %s with %i parked rows as %s', (state, parked, health) =>
  expect(healthOfProjection({ state, parked })).toBe(health),
);
