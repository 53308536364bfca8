import fc from 'fast-check';
import { FLAP_SCORE, type Flap, STEADY, evaluatedAs, flappingDetails, restlessness, watchedAs } from './flapping.js';

const flap = { ...FLAP_SCORE, down: ['x'], outageMs: 60_000 };

/** One letter an evaluation, half a minute apart. */
const statusHistory = (letters: string) => [...letters].map((letter, i) => ({ atMs: i * 30_000, status: letter }));
/** Evaluated anew, letter by letter. */
const after = (letters: string, from: Flap = STEADY): Flap =>
  statusHistory(letters).reduce((before, { status, atMs }) => evaluatedAs(before, status, atMs, flap), from);

it('is 0 when nothing changes and 1 when everything does', () => {
  expect(restlessness(statusHistory('g'.repeat(21)), flap)).toBe(0);
  expect(restlessness(statusHistory('gr'.repeat(10) + 'g'), flap)).toBeCloseTo(1);
});

it('weighs the newest change 1.25 and the oldest 0.75', () => {
  expect(restlessness(statusHistory('g'.repeat(20) + 'r'), flap)).toBeCloseTo(1.25 / 20);
  expect(restlessness(statusHistory('r' + 'g'.repeat(20)), flap)).toBeCloseTo(0.75 / 20);
});

it('counts evaluations there have not been yet as quiet', () => {
  expect(restlessness([], flap)).toBe(0);
  expect(restlessness(statusHistory('gr'), flap)).toBeCloseTo(1.25 / 20);
});

it('starts at 30 % and stops at 20 %', () => {
  expect(after('g'.repeat(16) + 'rgrgr').isFlapping).toBe(false);
  expect(after('g'.repeat(15) + 'rgrgrg').isFlapping).toBe(true);
  const flapping = after('rgrgrgrg');
  expect([flapping.isFlapping, after('g'.repeat(8), flapping).isFlapping, after('g'.repeat(21), flapping).isFlapping]).toEqual([
    true,
    true,
    false,
  ]);
});

it('is steady between 20 % and 30 % when it was, and flaps when it did', () => {
  const between = statusHistory('g'.repeat(16) + 'rgrg');
  const next = (isFlapping: boolean): boolean => evaluatedAs({ statusHistory: between, isFlapping }, 'r', 0, flap).isFlapping;
  expect([next(false), next(true)]).toEqual([false, true]);
});

it('counts the changes and the time they took', () => {
  expect(flappingDetails(after('grgrgrgr' + 'r'.repeat(13)))).toEqual({ changes: 7, span_ms: 600_000, now: 'r' });
});

it('counts a change at once, and a second without one only every so often', () => {
  const seen = (seconds: number, statusAt: (second: number) => string): Flap =>
    Array.from({ length: seconds }, (_, i) => i).reduce((before, i) => watchedAs(before, statusAt(i), i * 1_000, 15_000, flap), STEADY);
  expect(seen(60, () => 'g').statusHistory).toHaveLength(4);
  expect(seen(40, (i) => (Math.floor(i / 3) % 2 === 0 ? 'g' : 'r')).isFlapping).toBe(true);
  expect(seen(3_600, (i) => (i < 40 && Math.floor(i / 3) % 2 === 1 ? 'r' : 'g')).isFlapping).toBe(false);
});

it('is an outage and steady once it was down for long enough without a break', () => {
  const flapping = after('gxgxgxgx');
  const at = (seconds: number, from: Flap, status = 'x'): Flap => evaluatedAs(from, status, 210_000 + seconds * 1_000, flap);
  expect([flapping.isFlapping, at(59, flapping).isFlapping]).toEqual([true, true]);
  expect(at(60, flapping)).toEqual(STEADY);
  expect(at(60, at(40, flapping, 'g')).isFlapping).toBe(true);
});

it('is an outage when down in more than one way', () => {
  const policy = { ...flap, down: ['x', 'y'] };
  const flapping = after('gxgxgx');
  expect(evaluatedAs(evaluatedAs(flapping, 'y', 180_000, policy), 'x', 210_000, policy)).toEqual(STEADY);
});

it('is an outage also at an evaluation that does not count', () => {
  const flapping = after('gxgxgx');
  expect(watchedAs(flapping, 'x', 209_000, 3_600_000, flap)).toBe(flapping);
  expect(watchedAs(flapping, 'x', 210_000, 3_600_000, flap)).toEqual(STEADY);
});

it('is between 0 and 1 whatever happened', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('g', 'r', 'a'), { maxLength: 40 }), (letters) => {
      const score = restlessness(statusHistory(letters.join('')), flap);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1 + 1e-9);
    }),
  );
});
