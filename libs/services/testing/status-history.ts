import { NOW } from '@app/kernel/testing';
import type { ComponentKind } from '../src/events/component-kind.js';
import { componentSentence } from '../src/sentences.js';
import { type Observation, deriveStatus } from '../src/runtime/derive-status.js';
import { POLICY } from '../src/runtime/policy.js';
import { type Finding, type ProbeResult, answered, detailsOf, failed } from '../src/runtime/probe-result.js';
import { type EvaluationState, type EvaluatedStatus, neverProbed, resumed } from '../src/runtime/evaluation-state.js';

export const T0 = Date.parse(NOW);

export const good = (latencyMs: number | null = 5): ProbeResult => answered(latencyMs);
export const refused: ProbeResult = failed('connect_refused', '127.0.0.1:5432 refuses connections.');
export const timedOut: ProbeResult = failed('heartbeat_timeout', 'No answer within 3 s.');
export const found = (
  colour: 'amber' | 'red',
  reason: 'starting' | 'draining' | 'not_openclaw' | 'sync_stale' = 'sync_stale',
): ProbeResult => answered(5, { findings: [{ colour, reason, detail: `${reason} was found.` }] });

/** What a reader is told of a finding. */
export const sentenceOf = (finding: Finding): string => componentSentence(finding.reason, detailsOf(finding), T0);
/** Findings with their sentences. */
export const withSentences = (result: ProbeResult | null) =>
  result?.ok === true ? result.findings.map((one) => ({ colour: one.colour, reason: one.reason, sentence: sentenceOf(one) })) : result;

/** One component, evaluated step by step on a clock that only this moves. */
export class StatusHistory {
  nowMs = T0;
  evaluationState: EvaluationState;

  constructor(
    private readonly kind: ComponentKind,
    last?: Pick<EvaluatedStatus, 'status' | 'reason'>,
  ) {
    this.evaluationState = last
      ? resumed({ ...last, details: { said: 'As the log has it.' }, sinceMs: T0, lastGoodMs: T0 }, T0)
      : neverProbed(T0);
  }

  /** With its sentence as it is read now. */
  get evaluated(): EvaluatedStatus & { readonly sentence: string } {
    const { evaluated } = this.evaluationState;
    return { ...evaluated, sentence: componentSentence(evaluated.reason, evaluated.details, this.nowMs) };
  }

  /** Each reading an interval after the one before; answers the status after each. */
  probes(...results: ProbeResult[]): string[] {
    return results.map((probeResult) => this.step(POLICY.kinds[this.kind].intervalMs, { result: probeResult }));
  }

  /** After so long nothing new; answers the status. */
  passes(ms: number, observed: Partial<Observation> = {}): string {
    return this.step(ms, observed);
  }

  step(ms: number, observation: Partial<Observation>): string {
    this.nowMs += ms;
    const all: Observation = { kind: this.kind, result: null, redParents: [], isCorrelated: false, ...observation };
    this.evaluationState = deriveStatus(this.evaluationState, all, this.nowMs, POLICY);
    return this.evaluated.status;
  }
}

export const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);
