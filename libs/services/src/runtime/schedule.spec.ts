import fc from 'fast-check';
import { StatusHistory, T0, good, refused } from '../../testing/status-history.js';
import { POLICY } from './policy.js';
import { neverProbed } from './evaluation-state.js';
import { hash, nextProbeMs } from './schedule.js';

const calm = neverProbed(T0).memory;
const after = (...results: (typeof refused)[]) => {
  const history = new StatusHistory('postgresql');
  for (const result of results) history.step(0, { result });
  return history.evaluationState.memory;
};

it('looks again 2 s and 4 s after the first failure, and then at the usual beat', () => {
  expect(nextProbeMs('postgresql', 'postgresql', after(good(), refused), T0, POLICY)).toBe(T0 + 2_000);
  expect(nextProbeMs('postgresql', 'postgresql', after(good(), refused, refused), T0 + 2_000, POLICY)).toBe(T0 + 4_000);
  const beat = nextProbeMs('postgresql', 'postgresql', calm, T0 + 4_000, POLICY);
  expect(nextProbeMs('postgresql', 'postgresql', after(good(), refused, refused, refused), T0 + 4_000, POLICY)).toBe(beat);
});

it('does not look into the past when the failing probe itself took long', () => {
  expect(nextProbeMs('postgresql', 'postgresql', after(good(), refused, refused), T0 + 5_000, POLICY)).toBe(T0 + 5_000);
});

it('looks again as soon when the clock was set back meanwhile', () => {
  const setBack = T0 - 5 * 3_600_000;
  expect(nextProbeMs('postgresql', 'postgresql', after(good(), refused), setBack, POLICY)).toBe(setBack + 2_000);
  expect(nextProbeMs('postgresql', 'postgresql', after(good(), refused, refused), setBack, POLICY)).toBe(setBack + 4_000);
});

it('keeps one beat: always after now, within one interval, and at the same place in it', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(10_000_000), (id, ms) => {
      const next = nextProbeMs(id, 'api', calm, T0 + ms, POLICY);
      expect(next).toBeGreaterThan(T0 + ms);
      expect(next).toBeLessThanOrEqual(T0 + ms + 15_000);
      expect(nextProbeMs(id, 'api', calm, next, POLICY)).toBe(next + 15_000);
      expect(next % 15_000).toBe(hash(id) % 15_000);
    }),
  );
});

it('spreads components of one kind over the interval', () => {
  const tenths = Array.from({ length: 200 }, (_, i) => Math.floor((nextProbeMs(`gateway-${i}`, 'gateway', calm, T0, POLICY) - T0) / 3_000));
  const counts = Map.groupBy(tenths, (tenth) => tenth);
  expect(counts.size).toBeGreaterThanOrEqual(10);
  for (const { length } of counts.values()) expect(length).toBeLessThan(40);
});
