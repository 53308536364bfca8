import type { CommandHandler, Telemetry } from '@app/event-store';
import { type Clock, Tellings } from '@app/kernel';
import { ChangeRetryQueue, PROBER } from './change-retry-queue.js';
import { ROLL_UP } from './configured.js';
import type { Evidence, EvaluationState } from './evaluation-state.js';
import type { EvaluationStates } from './evaluation-states.js';
import type { GatewayMembers } from './gateway-members.js';
import type { Policy } from './policy.js';
import { changed, evaluated, probed } from './reports.js';
import type { Evaluation } from './watch.js';

export interface ReporterParts {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly commands: Pick<CommandHandler, 'handle' | 'read'>;
  readonly telemetry: Pick<Telemetry, 'keep'>;
  /** A sentence for whoever runs the process. */
  readonly warn: (sentence: string) => void;
}

const KEEP_MS = 3_000;
/** As many positions of a component's last probes as a status can rest on. */
const REMEMBERED = 10;
const MAX_OTHERS = 6;

/**
 * Writes down evaluations: each probe as telemetry, each change of a status as a fact, and other details of the same status as telemetry
 * again. While the log does not answer, changes wait in a queue and probes are not kept.
 */
export class EvaluationReporter {
  private readonly positions = new Map<string, Promise<string | null>[]>();
  private readonly retryQueue: ChangeRetryQueue;
  private readonly tellings = new Tellings();

  /** `onOvertaken`: another process wrote the status of this component meanwhile. */
  constructor(
    private readonly parts: ReporterParts,
    private readonly states: EvaluationStates,
    private readonly gateways: GatewayMembers,
    onOvertaken: (componentId: string) => void,
  ) {
    this.retryQueue = new ChangeRetryQueue({ ...parts, onOvertaken });
  }

  report(evaluation: Evaluation): void {
    const { componentId, result, before, evaluationState } = evaluation;
    if (result !== null) this.remember(componentId, this.keep(evaluation));
    const { status, reason, details, evidence: basis } = evaluationState.evaluated;
    const now = { status, reason, details, evidence: this.othersOf(componentId, basis) };
    if (status === before.status && reason === before.reason) {
      if (!this.isLogGone() && this.tellings.isNews(componentId, now, this.parts.clock.nowMs()))
        void this.tell(componentId, evaluationState);
      return;
    }
    this.tellings.said(componentId, now);
    const evidence = this.evidenceFor(componentId, basis);
    this.retryQueue.put({ ...changed(evaluation, this.parts.policy.version), evidence });
  }

  stop(): Promise<void> {
    return this.retryQueue.stop();
  }

  /** Waits for the fact that it details. What is not so any more by then is not told. */
  private async tell(componentId: string, { evaluated: evaluatedStatus }: EvaluationState): Promise<void> {
    const others = this.othersOf(componentId, evaluatedStatus.evidence);
    const [, ...evidence] = await Promise.all([componentId, ...others].map((id) => this.retryQueue.positionOf(id)));
    const isNow = this.states.of(componentId)?.evaluated.details === evaluatedStatus.details;
    try {
      if (!isNow) return this.tellings.failed(componentId);
      const known = evidence.filter((position) => position !== undefined);
      await this.parts.telemetry.keep(evaluated(componentId, evaluatedStatus, known), PROBER, KEEP_MS);
    } catch {
      this.tellings.failed(componentId); // It is told with the next evaluation.
    }
  }

  /** Where the log keeps a probe; null: it does not. */
  private async keep(evaluation: Evaluation): Promise<string | null> {
    if (evaluation.result === null || this.isLogGone()) return null; // Nothing is heaped up for it in the client.
    try {
      return await this.parts.telemetry.keep(probed(evaluation, evaluation.result), PROBER, KEEP_MS);
    } catch {
      return null; // A probe is worth little, and who should keep it is probed as well.
    }
  }

  private isLogGone(): boolean {
    const failures = this.states.of('nats')?.memory.failures ?? 0;
    return failures >= this.parts.policy.kinds.nats.failuresToRed;
  }

  private remember(componentId: string, position: Promise<string | null>): void {
    this.positions.set(componentId, [...(this.positions.get(componentId) ?? []), position].slice(-REMEMBERED));
  }

  /** Positions of the statuses on others it rests on, and of its own probes. */
  private async evidenceFor(componentId: string, evidence: Evidence): Promise<string[]> {
    const { probes } = evidence;
    const ofAgents = componentId === ROLL_UP ? this.gateways.redPositions : [];
    const ofOthers = [...this.othersOf(componentId, evidence).map((id) => this.retryQueue.positionOf(id)), ...ofAgents].slice(
      0,
      MAX_OTHERS,
    );
    const ofProbes = probes === 0 ? [] : (this.positions.get(componentId) ?? []).slice(-probes);
    return (await Promise.all([...ofOthers, ...ofProbes])).filter((position) => typeof position === 'string');
  }

  private othersOf(componentId: string, { components }: Evidence): string[] {
    return (componentId === ROLL_UP ? this.gateways.redIds : [...components]).slice(0, MAX_OTHERS);
  }
}
