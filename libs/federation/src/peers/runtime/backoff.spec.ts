import fc from 'fast-check';
import { retryDelayMs, retryAfterMs } from './backoff.js';
import { POLICY } from './policy.js';

const { backoff } = POLICY;
const bound = (failures: number, failingForMs = 0): number => retryDelayMs({ failures, failingForMs, retryAfterMs: null }, 1, POLICY);

it('doubles from a second to a minute, and to five when it has failed for a quarter of an hour', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 400].map((failures) => bound(failures))).toEqual(
    [1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000),
  );
  expect([899_999, 900_000].map((ms) => bound(20, ms))).toEqual([60_000, 300_000]);
});

it('waits anything up to that, and what it was asked to', () => {
  const setback = fc.record({
    failures: fc.integer({ min: 1, max: 10_000 }),
    failingForMs: fc.nat(10_000_000),
    retryAfterMs: fc.option(fc.nat(100_000_000)),
  });
  fc.assert(
    fc.property(setback, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (one, chance) => {
      const ms = retryDelayMs(one, chance, POLICY);
      const asked = Math.min(one.retryAfterMs ?? 0, backoff.maxRetryAfterMs);
      expect(ms).toBeGreaterThanOrEqual(asked);
      expect(ms).toBeLessThanOrEqual(Math.max(asked, bound(one.failures, one.failingForMs)));
      expect(ms).toBeCloseTo(Math.max(asked, chance * bound(one.failures, one.failingForMs)), 3);
    }),
  );
});

it.each([
  ['120', 120_000],
  ['0', 0],
  ['Sun, 01 Feb 2026 12:02:00 GMT', 120_000],
  ['Sun, 01 Feb 2026 11:00:00 GMT', 0],
  ['soon', null],
  ['-1x', null],
  [undefined, null],
])('understands Retry-After: %s', (header, ms) => expect(retryAfterMs(header, Date.parse('2026-02-01T12:00:00.000Z'))).toBe(ms));
