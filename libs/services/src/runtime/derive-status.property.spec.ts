import fc from 'fast-check';
import { Course } from '../../testing/course.js';
import { COMPONENT_KINDS } from '../events/component-kind.js';
import { REASONS } from '../events/reason.js';
import type { Seen } from './derive-status.js';
import { POLICY } from './policy.js';
import { type Reading, answered, failed } from './reading.js';

const latency = fc.double({ min: 0, max: 10_000, noNaN: true });
const gauges = ['event_loop_ms', 'connections', 'memory', 'storage', 'lag_ms', 'stalled_ms'] as const;
const gauge = fc
  .constantFrom(...gauges)
  .chain((name) => fc.double({ min: 0, max: name.endsWith('_ms') ? 60_000 : 1, noNaN: true }).map((value) => ({ gauge: name, value })));
const finding = fc.record({
  colour: fc.constantFrom('amber' as const, 'red' as const),
  reason: fc.constantFrom(...REASONS),
  detail: fc.constant('Found.'),
});
const failure = fc.constantFrom(...REASONS).map((reason): Reading => failed(reason, 'Failed.'));
const onlyTimed = latency.map((ms): Reading => answered(ms));
const anyAnswer = fc
  .record({ ms: fc.option(latency), findings: fc.array(finding, { maxLength: 2 }), measured: fc.array(gauge, { maxLength: 3 }) })
  .map(({ ms, ...rest }): Reading => answered(ms, rest));
const anyReading = fc.oneof({ weight: 3, arbitrary: onlyTimed }, { weight: 3, arbitrary: failure }, anyAnswer);

type Step = { ms: number; seen: Pick<Seen, 'reading' | 'redParents' | 'doubted'> };
const step: fc.Arbitrary<Step> = fc.record({
  ms: fc.integer({ min: 1, max: 40_000 }),
  seen: fc.record({
    reading: fc.option(anyReading, { freq: 5 }),
    redParents: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, fc.constant(['nats'])),
    doubted: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  }),
});
const kind = fc.constantFrom(...COMPONENT_KINDS);
const history = fc.array(step, { maxLength: 60 });

/** Walks one component through a history and lets `check` see each step, what was before it, and what came of it. */
const always = (check: (step: Step, before: Course['standing'], after: Course) => void): void =>
  fc.assert(
    fc.property(kind, history, (of, steps) => {
      const course = new Course(of);
      for (const one of steps) {
        const before = course.standing;
        course.step(one.ms, one.seen);
        check(one, before, course);
      }
    }),
    { numRuns: 300 },
  );

it('is never red by latency alone', () => {
  fc.assert(
    fc.property(kind, fc.array(onlyTimed, { maxLength: 60 }), (of, readings) =>
      expect(new Course(of).probes(...readings)).not.toContain('red'),
    ),
  );
});

it('becomes green only at a good probe', () =>
  always(({ seen }, before, { verdict }) => {
    if (verdict.status === 'green' && before.verdict.status !== 'green' && before.memory.judged.status !== 'green')
      expect(seen.reading?.ok).toBe(true);
  }));

it('becomes red only after failures in a row, or by something red in this very probe', () =>
  always(({ seen }, before, { standing }) => {
    const { judged, failures } = standing.memory;
    if (judged.status !== 'red' || before.memory.judged.status === 'red') return;
    if (seen.reading?.ok) expect(judged.grounds.probes).toBe(1);
    else expect(failures).toBeGreaterThanOrEqual(2);
  }));

it('says why, unless it is green', () =>
  always((_step, _before, { verdict }) => {
    expect(verdict.reason === null).toBe(verdict.status === 'green');
    if (verdict.reason !== null) expect(REASONS).toContain(verdict.reason);
    expect(verdict.sentence).toMatch(/^.{5,500}\.$/);
  }));

it('is unknown, and nothing else, while something it depends on is red', () =>
  always(({ seen }, _before, { verdict }) => {
    if (seen.redParents.length > 0) expect(verdict.status).toBe('unknown');
  }));

it('is since when its status changed, and was last good at a probe', () =>
  always((_step, before, { verdict, nowMs }) => {
    expect(verdict.sinceMs).toBe(verdict.status === before.verdict.status ? before.verdict.sinceMs : nowMs);
    if (verdict.lastGoodMs !== before.verdict.lastGoodMs) expect(verdict.lastGoodMs).toBe(nowMs);
  }));

it('remembers a bounded amount', () =>
  always((_step, _before, { standing }) => {
    expect(standing.memory.window.length).toBeLessThanOrEqual(POLICY.failureWindow);
    expect(standing.memory.flap.course.length).toBeLessThanOrEqual(POLICY.flap.evaluations);
  }));

it('always finds its way back to green when every probe is good and fast', () => {
  fc.assert(
    fc.property(kind, history, (of, steps) => {
      const course = new Course(of);
      for (const { ms, seen } of steps) course.step(ms, seen);
      expect(course.probes(...Array.from({ length: 40 }, () => answered(1))).at(-1)).toBe('green');
    }),
  );
});

it('judges alike what it sees alike: nothing outside its arguments plays a part', () => {
  fc.assert(
    fc.property(kind, history, (of, steps) => {
      const run = (): unknown[] => {
        const course = new Course(of);
        return steps.map(({ ms, seen }) => (course.step(ms, seen), course.verdict));
      };
      expect(run()).toEqual(run());
    }),
  );
});
