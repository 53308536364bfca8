import fc from 'fast-check';
import { StatusHistory } from '../../testing/status-history.js';
import { COMPONENT_KINDS } from '../events/component-kind.js';
import { REASONS } from '../events/reason.js';
import type { Observation } from './derive-status.js';
import { POLICY } from './policy.js';
import { type ProbeResult, answered, failed } from './probe-result.js';

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
const failure = fc.constantFrom(...REASONS).map((reason): ProbeResult => failed(reason, 'Failed.'));
const onlyTimed = latency.map((ms): ProbeResult => answered(ms));
const anyAnswer = fc
  .record({ ms: fc.option(latency), findings: fc.array(finding, { maxLength: 2 }), measured: fc.array(gauge, { maxLength: 3 }) })
  .map(({ ms, ...rest }): ProbeResult => answered(ms, rest));
const anyProbeResult = fc.oneof({ weight: 3, arbitrary: onlyTimed }, { weight: 3, arbitrary: failure }, anyAnswer);

type Step = { ms: number; observed: Pick<Observation, 'result' | 'redParents' | 'isCorrelated'> };
const step: fc.Arbitrary<Step> = fc.record({
  ms: fc.integer({ min: 1, max: 40_000 }),
  observed: fc.record({
    result: fc.option(anyProbeResult, { freq: 5 }),
    redParents: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, fc.constant(['nats'])),
    isCorrelated: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  }),
});
const kind = fc.constantFrom(...COMPONENT_KINDS);
const history = fc.array(step, { maxLength: 60 });

/** Walks one component through a history and lets `check` see each step, what was before it, and what came of it. */
const always = (check: (step: Step, before: StatusHistory['evaluationState'], after: StatusHistory) => void): void =>
  fc.assert(
    fc.property(kind, history, (of, steps) => {
      const history = new StatusHistory(of);
      for (const one of steps) {
        const before = history.evaluationState;
        history.step(one.ms, one.observed);
        check(one, before, history);
      }
    }),
    { numRuns: 300 },
  );

it('is never red by latency alone', () => {
  fc.assert(
    fc.property(kind, fc.array(onlyTimed, { maxLength: 60 }), (of, results) =>
      expect(new StatusHistory(of).probes(...results)).not.toContain('red'),
    ),
  );
});

it('becomes green only at a good probe', () =>
  always(({ observed }, before, { evaluated }) => {
    if (evaluated.status === 'green' && before.evaluated.status !== 'green' && before.memory.evaluation.status !== 'green')
      expect(observed.result?.ok).toBe(true);
  }));

it('becomes red only after failures in a row, or by something red in this very probe', () =>
  always(({ observed: observation }, before, { evaluationState }) => {
    const { evaluation, failures } = evaluationState.memory;
    if (evaluation.status !== 'red' || before.memory.evaluation.status === 'red') return;
    if (observation.result?.ok) expect(evaluation.evidence.probes).toBe(1);
    else expect(failures).toBeGreaterThanOrEqual(2);
  }));

it('says why, unless it is green', () =>
  always((_step, _before, { evaluated: evaluatedStatus }) => {
    expect(evaluatedStatus.reason === null).toBe(evaluatedStatus.status === 'green');
    if (evaluatedStatus.reason !== null) expect(REASONS).toContain(evaluatedStatus.reason);
    expect(evaluatedStatus.sentence).toMatch(/^.{5,500}\.$/);
  }));

it('is unknown, and nothing else, while something it depends on is red', () =>
  always(({ observed }, _before, { evaluated }) => {
    if (observed.redParents.length > 0) expect(evaluated.status).toBe('unknown');
  }));

it('is since when its status changed, and was last good at a probe', () =>
  always((_step, before, { evaluated, nowMs }) => {
    expect(evaluated.sinceMs).toBe(evaluated.status === before.evaluated.status ? before.evaluated.sinceMs : nowMs);
    if (evaluated.lastGoodMs !== before.evaluated.lastGoodMs) expect(evaluated.lastGoodMs).toBe(nowMs);
  }));

it('remembers a bounded amount', () =>
  always((_step, _before, { evaluationState: known }) => {
    expect(known.memory.window.length).toBeLessThanOrEqual(POLICY.failureWindow);
    expect(known.memory.flap.statusHistory.length).toBeLessThanOrEqual(POLICY.flap.evaluations);
  }));

it('always finds its way back to green when every probe is good and fast', () => {
  fc.assert(
    fc.property(kind, history, (of, steps) => {
      const history = new StatusHistory(of);
      for (const { ms, observed } of steps) history.step(ms, observed);
      expect(history.probes(...Array.from({ length: 40 }, () => answered(1))).at(-1)).toBe('green');
    }),
  );
});

it('judges alike what it sees alike: nothing outside its arguments plays a part', () => {
  fc.assert(
    fc.property(kind, history, (of, steps) => {
      const run = (): unknown[] => {
        const history = new StatusHistory(of);
        return steps.map(({ ms, observed }) => (history.step(ms, observed), history.evaluated));
      };
      expect(run()).toEqual(run());
    }),
  );
});
