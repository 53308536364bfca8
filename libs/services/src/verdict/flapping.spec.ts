import fc from 'fast-check';
import type { ComponentStatus } from '../events/component-status.js';
import { flappingSentence, isFlapping, restlessness } from './flapping.js';
import { POLICY } from './policy.js';

const { flap } = POLICY;
/** One letter an evaluation, half a minute apart. */
const course = (letters: string) =>
  [...letters].map((letter, i) => ({ atMs: i * 30_000, status: { g: 'green', r: 'red', a: 'amber' }[letter] as ComponentStatus }));

it('is 0 when nothing changes and 1 when everything does', () => {
  expect(restlessness(course('g'.repeat(21)), flap)).toBe(0);
  expect(restlessness(course('gr'.repeat(10) + 'g'), flap)).toBeCloseTo(1);
});

it('weighs the newest change 1.25 and the oldest 0.75', () => {
  expect(restlessness(course('g'.repeat(20) + 'r'), flap)).toBeCloseTo(1.25 / 20);
  expect(restlessness(course('r' + 'g'.repeat(20)), flap)).toBeCloseTo(0.75 / 20);
});

it('counts evaluations there have not been yet as quiet', () => {
  expect(restlessness([], flap)).toBe(0);
  expect(restlessness(course('gr'), flap)).toBeCloseTo(1.25 / 20);
});

it('starts at 30 % and stops at 20 %', () => {
  const [calm, between, wild] = ['g'.repeat(17) + 'rgrg', 'g'.repeat(16) + 'rgrgr', 'g'.repeat(15) + 'rgrgrg'].map(course);
  expect(restlessness(between ?? [], flap)).toBeCloseTo(0.299, 2);
  expect([isFlapping(false, between ?? [], flap), isFlapping(true, between ?? [], flap)]).toEqual([false, true]);
  expect(isFlapping(false, wild ?? [], flap)).toBe(true);
  expect(isFlapping(true, course('rgrg' + 'g'.repeat(17)), flap)).toBe(false);
  expect(isFlapping(true, calm ?? [], flap)).toBe(true);
});

it('says how often and how fast', () => {
  expect(flappingSentence(course('grgrgrgr' + 'r'.repeat(13)))).toBe('Flapping (7 changes in 10 min).');
});

it('is between 0 and 1 whatever happened', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('g', 'r', 'a'), { maxLength: 40 }), (letters) => {
      const score = restlessness(course(letters.join('')), flap);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1 + 1e-9);
    }),
  );
});
