import { NOW } from '@app/kernel/testing';
import type { ComponentKind } from '../src/events/component-kind.js';
import { componentSentence } from '../src/sentences.js';
import { type Seen, deriveStatus } from '../src/runtime/derive-status.js';
import { POLICY } from '../src/runtime/policy.js';
import { type Finding, type Reading, answered, detailsOf, failed } from '../src/runtime/reading.js';
import { type Standing, type Verdict, neverProbed, resumed } from '../src/runtime/standing.js';

export const T0 = Date.parse(NOW);

export const good = (latencyMs: number | null = 5): Reading => answered(latencyMs);
export const refused: Reading = failed('connect_refused', '127.0.0.1:5432 refuses connections.');
export const timedOut: Reading = failed('heartbeat_timeout', 'No answer within 3 s.');
export const found = (colour: 'amber' | 'red', reason: 'starting' | 'draining' | 'not_openclaw' | 'sync_stale' = 'sync_stale'): Reading =>
  answered(5, { findings: [{ colour, reason, detail: `${reason} was found.` }] });

/** What a reader is told of a finding. */
export const sentenceOf = (finding: Finding): string => componentSentence(finding.reason, detailsOf(finding), T0);
/** Findings with their sentences. */
export const withSentences = (reading: Reading | null) =>
  reading?.ok === true ? reading.findings.map((one) => ({ colour: one.colour, reason: one.reason, sentence: sentenceOf(one) })) : reading;

/** One component, evaluated step by step on a clock that only this moves. */
export class Course {
  nowMs = T0;
  standing: Standing;

  constructor(
    private readonly kind: ComponentKind,
    last?: Pick<Verdict, 'status' | 'reason'>,
  ) {
    this.standing = last ? resumed({ ...last, details: { said: 'As the log has it.' }, sinceMs: T0, lastGoodMs: T0 }, T0) : neverProbed(T0);
  }

  /** With its sentence as it is read now. */
  get verdict(): Verdict & { readonly sentence: string } {
    const { verdict } = this.standing;
    return { ...verdict, sentence: componentSentence(verdict.reason, verdict.details, this.nowMs) };
  }

  /** Each reading an interval after the one before; answers the status after each. */
  probes(...readings: Reading[]): string[] {
    return readings.map((reading) => this.step(POLICY.kinds[this.kind].intervalMs, { reading }));
  }

  /** After so long nothing new; answers the status. */
  passes(ms: number, seen: Partial<Seen> = {}): string {
    return this.step(ms, seen);
  }

  step(ms: number, seen: Partial<Seen>): string {
    this.nowMs += ms;
    const all: Seen = { kind: this.kind, reading: null, redParents: [], doubted: false, ...seen };
    this.standing = deriveStatus(this.standing, all, this.nowMs, POLICY);
    return this.verdict.status;
  }
}

export const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);
