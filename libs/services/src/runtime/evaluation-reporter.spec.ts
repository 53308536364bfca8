import type { NewEvent } from '@app/kernel';
import { FakeClock } from '@app/kernel/testing';
import { refused } from '../../testing/status-history.js';
import { deriveStatus } from './derive-status.js';
import { EvaluationReporter } from './evaluation-reporter.js';
import { type EvaluationState, neverProbed } from './evaluation-state.js';
import { EvaluationStates } from './evaluation-states.js';
import { GatewayMembers } from './gateway-members.js';
import { POLICY } from './policy.js';
import { type ProbeResult, answered } from './probe-result.js';

describe('the reporter of evaluations', () => {
  const clock = new FakeClock();
  let states: EvaluationStates;
  let kept: NewEvent[];
  let written: unknown[];
  let reporter: EvaluationReporter;

  beforeEach(() => {
    [states, kept, written] = [new EvaluationStates(), [], []];
    const parts = {
      ...{ clock, policy: POLICY, warn: () => undefined },
      telemetry: { keep: async (event: NewEvent) => `f${kept.push(event)}` },
      commands: {
        handle: async (_decider: unknown, { data }: { data: unknown }) => (written.push(data), { position: 'f9' }),
        read: async () => ({ lifecycle: 'watched' }),
      },
    };
    reporter = new EvaluationReporter(
      parts as never,
      states,
      new GatewayMembers([], states, { all: async () => [] }, clock),
      () => undefined,
    );
  });
  afterEach(() => reporter.stop());

  /** One evaluation, as `Watch` hands it over. */
  const evaluate = (kind: 'valkey' | 'nats', result: ProbeResult): void => {
    const before: EvaluationState = states.of(kind) ?? neverProbed(clock.wallMs());
    const state = deriveStatus(before, { kind, result, redParents: [], isCorrelated: false }, clock.wallMs(), POLICY);
    states.put(kind, state);
    const times = { atMs: clock.wallMs(), nextProbeAtMs: clock.wallMs() };
    reporter.report({ componentId: kind, result, before: before.evaluated, evaluationState: state, ...times });
  };

  it('keeps each probe as telemetry, and writes a change of the status that rests on it', async () => {
    evaluate('valkey', answered(1));
    await reporter.stop();
    expect(kept).toMatchObject([{ type: 'services.health.probed', data: { component_id: 'valkey' } }]);
    expect(written).toMatchObject([{ component_id: 'valkey', to: 'green', evidence: ['f1'] }]);
  });

  it('keeps no probe while the log does not answer, so that none is heaped up', () => {
    for (let n = 0; n < 3; n++) evaluate('nats', refused);
    const before = kept.length;
    evaluate('valkey', answered(1));
    expect(kept).toHaveLength(before);
  });
});
