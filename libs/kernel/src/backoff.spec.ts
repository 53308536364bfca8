import fc from 'fast-check';
import { Backoff, backoffMs } from './backoff.js';

const bounds = { firstMs: 250, longestMs: 5_000 };

describe('a back-off', () => {
  it('doubles from the first pause up to the longest', () => {
    const backoff = new Backoff(bounds);
    expect(Array.from({ length: 7 }, () => backoff.next())).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('begins anew after a success', () => {
    const backoff = new Backoff(bounds);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(250);
  });

  it('is nothing before the first failure', () => expect(backoffMs(0, bounds)).toBe(0));

  it('stays between half its bound and its bound with jitter, and never shrinks nor overflows', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, chance) => {
        const bound = backoffMs(failures, bounds);
        expect(bound).toBeLessThanOrEqual(bounds.longestMs);
        expect(backoffMs(failures + 1, bounds)).toBeGreaterThanOrEqual(bound);
        const pause = new Backoff(bounds).next(chance);
        expect(pause >= 125 && pause <= 250).toBe(true);
      }),
    );
  });
});
