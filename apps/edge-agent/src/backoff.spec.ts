import fc from 'fast-check';
import { CLOSE, type CloseReason } from '../../../libs/edge/src/tunnel.protocol.js';
import { Backoff } from './backoff.js';

type Ended = Parameters<Backoff['after']>[0];
const lost: Ended = { reason: null, retryAfterMs: null, stoodMs: 0 };
const closed = (reason: CloseReason, retryAfterMs: number | null = null): Ended => ({ reason, retryAfterMs, stoodMs: 0 });
const reasons = Object.keys(CLOSE) as CloseReason[];

/** The longest waits after these endings, one after the other. */
const longest = (...endings: Ended[]): number[] => {
  const backoff = new Backoff(() => 0.999_999);
  return endings.map((ending) => Math.round(backoff.after(ending) / 10) * 10);
};

it('waits anywhere up to 2 s, then up to 1, 2, 4 ... 60 s', () => {
  expect(longest(...Array.from({ length: 10 }, () => lost))).toEqual([2, 1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1000));
  const least = new Backoff(() => 0);
  for (let n = 0; n < 10; n++) expect(least.after(lost)).toBe(0);
});

it('begins anew after a connection that stood for a minute, and not before', () => {
  const after = (stoodMs: number) => longest(lost, lost, lost, lost, { ...lost, stoodMs }).at(-1);
  expect(after(59_999)).toBe(8_000);
  expect(after(60_000)).toBe(2_000);
});

it('waits from 1 to 15 minutes for what a person has to mend, and begins anew after anything else', () => {
  const slow = reasons.filter((reason) => CLOSE[reason].retry === 'slow');
  expect(slow).toEqual(['unauthorised', 'revoked', 'no_common_protocol', 'superseded']);
  for (const reason of slow) {
    const least = new Backoff(() => 0);
    expect(Array.from({ length: 6 }, () => least.after(closed(reason)) / 60_000)).toEqual([1, 2, 4, 8, 15, 15]);
    expect(longest(closed(reason), closed(reason), lost, closed(reason))).toEqual([66_000, 132_000, 2_000, 66_000]);
  }
});

it('does what the server says, or backs off when it does not say', () => {
  for (const reason of reasons.filter((one) => CLOSE[one].retry === 'obey')) {
    expect(longest(closed(reason, 0), closed(reason, 7_000), closed(reason, 900_000))).toEqual([0, 7_000, 900_000]);
    expect(longest(closed(reason), closed(reason))).toEqual([2_000, 1_000]);
  }
});

it('never waits longer than 15 minutes, nor backwards', () => {
  const ending = fc.record({
    reason: fc.option(fc.constantFrom(...reasons)),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 900_000 })),
    stoodMs: fc.integer({ min: 0, max: 1e9 }),
  });
  fc.assert(
    fc.property(
      fc.array(ending, { maxLength: 2_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (endings, chance) => {
        const backoff = new Backoff(() => chance);
        for (const one of endings) {
          const ms = backoff.after(one);
          expect(ms >= 0 && ms <= 900_000).toBe(true);
        }
      },
    ),
  );
});
