import type { CommandHandler, Telemetry } from '@app/event-store';
import { Tellings } from '@app/kernel';
import { component } from '../component.stream.js';
import type { ComponentDeclared, ComponentId, ComponentStatus } from '../events/index.js';
import type { Evidence, EvaluationState } from './evaluation-state.js';
import { declareComponent } from '../write/declare-component/declare-component.decide.js';
import { retireComponent } from '../write/retire-component/retire-component.decide.js';
import type { ObservedGateway } from '../seen-gateways.js';
import { ChangeRetryQueue, PROBER } from './change-retry-queue.js';
import { GatewaysProbe, type Member } from './gateways.probe.js';
import type { AgentGateways, KnownComponents } from './ports.js';
import type { Probe } from './probe.js';
import { changed, evaluated, probed, stateOf } from './reports.js';
import { type Evaluation, Watch, type WatchParts, type Watched } from './watch.js';

/** One component as the configuration names it, and how it is looked at. */
export interface Configured {
  readonly declaration: ComponentDeclared;
  readonly probe: Probe;
}

export interface ProberParts extends WatchParts {
  readonly commands: Pick<CommandHandler, 'handle' | 'read'>;
  readonly telemetry: Pick<Telemetry, 'keep'>;
  readonly known: KnownComponents;
  readonly observed: AgentGateways;
}

const KEEP_MS = 3_000;
const RETRY_MS = 2_000;
/** As many positions of a component's last probes as a status can rest on. */
const REMEMBERED = 10;
const MAX_OTHERS = 6;
/** Timeout for reading which gateways agents see, ms: shorter than that of the probe. */
const SEEN_MS = 2_000;
export const ROLL_UP = 'gateways' as ComponentId;
const ROLLED_UP: ComponentDeclared = { component_id: ROLL_UP, kind: 'gateways', name: 'Gateways', target: null, critical: false };

/**
 * Brings the components of the configuration and the log together, watches them, and writes down what comes of it: each probe as
 * telemetry, each change of a status as a fact, and other details of the same verdict as telemetry again. Goes on from the statuses the log has. A log that falls silent stops nothing: the
 * verdicts go on in memory, and their changes are written when it answers again.
 *
 * Where there are gateways, probed ones or some that edge agents see, there is one more component: what they add up to. It comes and goes
 * with the first and the last of them.
 */
export class Prober {
  private readonly rollUp: Configured;
  private isRolledUp = false;
  /** As they were last read. */
  private observed: readonly ObservedGateway[] = [];
  private stopReviewing: () => void = () => {};
  private reviewing: Promise<void> = Promise.resolve();
  private readonly positions = new Map<string, Promise<string | null>[]>();
  private readonly retryQueue: ChangeRetryQueue;
  private readonly tellings = new Tellings();
  private watch: Watch | undefined;
  private isStopped = false;
  private readonly wake = Promise.withResolvers<void>();
  private beginning: Promise<void> = Promise.resolve();

  constructor(
    private readonly configured: readonly Configured[],
    private readonly parts: ProberParts,
  ) {
    this.rollUp = { declaration: ROLLED_UP, probe: new GatewaysProbe(() => this.members()) };
    this.retryQueue = new ChangeRetryQueue({ ...parts, onOvertaken: (id) => void this.adopt(id) });
  }

  /** Begins, and does not wait for it: the log may not answer yet. */
  start(): void {
    this.beginning = this.begin();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake.resolve();
    await this.beginning;
    this.stopReviewing();
    await this.reviewing;
    await this.watch?.stop();
    await this.retryQueue.stop();
  }

  private async begin(): Promise<void> {
    this.isRolledUp = (await this.areGateways()) !== false; // Not known yet: it stays if it was there.
    await this.untilDone('The components cannot be declared yet', () => this.retireOthers());
    const watched: Watched[] = [];
    for (const one of this.isRolledUp ? [...this.configured, this.rollUp] : this.configured) {
      const { component_id } = one.declaration;
      const evaluationState = await this.untilDone(`${component_id} cannot be declared yet`, () => this.declare(one.declaration));
      if (evaluationState === undefined) return; // Stopped before it began.
      watched.push(this.watchedOf(one, evaluationState));
    }
    this.watch = new Watch(watched, this.parts, (evaluation) => this.onEvaluated(evaluation));
    if (this.isStopped) return;
    this.watch.start();
    this.reviewLater();
  }

  private watchedOf({ declaration: { component_id, kind }, probe }: Configured, evaluationState: EvaluationState): Watched {
    return { componentId: component_id, kind, probe, evaluationState, triggers: kind === 'gateways' ? this.idsOf('gateway') : [] };
  }

  private reviewLater(): void {
    this.stopReviewing = this.parts.clock.after(this.parts.policy.kinds.gateways.intervalMs, () => {
      this.reviewing = this.review()
        .catch((error: unknown) => this.parts.warn(`${ROLL_UP} cannot be declared or retired yet: ${String(error)}`))
        .finally(() => this.isStopped || this.reviewLater());
    });
  }

  /** Declares or retires the roll-up when the first gateway came, or the last one went. What fails is tried again at the next turn. */
  private async review(): Promise<void> {
    const areGateways = await this.areGateways();
    if (areGateways === undefined || areGateways === this.isRolledUp || this.isStopped) return;
    if (areGateways) this.watch?.add(this.watchedOf(this.rollUp, await this.declare(ROLLED_UP)));
    else {
      await this.watch?.remove(ROLL_UP);
      await this.parts.commands.handle(retireComponent, { data: { component_id: ROLL_UP }, actor: PROBER });
    }
    this.isRolledUp = areGateways;
  }

  /** undefined: PostgreSQL does not say which gateways agents see, and none is configured. */
  private async areGateways(): Promise<boolean | undefined> {
    if (this.idsOf('gateway').length > 0) return true;
    const observed = await this.readSeen();
    return observed === undefined ? undefined : observed.length > 0;
  }

  private async retireOthers(): Promise<true> {
    const mine = new Set<string>(this.configured.map(({ declaration }) => declaration.component_id));
    if (this.isRolledUp) mine.add(ROLL_UP);
    const others = (await this.parts.known.ids()).filter((id) => !mine.has(id));
    for (const id of others)
      await this.parts.commands.handle(retireComponent, { data: { component_id: id as ComponentId }, actor: PROBER });
    return true;
  }

  private async declare(declaration: ComponentDeclared): Promise<EvaluationState> {
    await this.parts.commands.handle(declareComponent, { data: declaration, actor: PROBER });
    return this.stateInLog(declaration.component_id);
  }

  private async stateInLog(componentId: string): Promise<EvaluationState> {
    const state = await this.parts.commands.read(component.of(componentId), { passesUnreadable: true });
    return stateOf(state.lifecycle === 'watched' ? state.reportedStatus : null, this.parts.clock.wallMs());
  }

  private async adopt(componentId: string): Promise<void> {
    this.parts.warn(`Somebody else judges ${componentId} as well; going on from what the log has.`);
    const evaluationState = await this.untilDone(`${componentId} cannot be read yet`, () => this.stateInLog(componentId));
    if (evaluationState !== undefined) this.watch?.adopt(componentId, evaluationState);
  }

  private onEvaluated(evaluation: Evaluation): void {
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

  /** Waits for the fact that it details. What is not so any more by then is not told. */
  private async tell(componentId: string, { evaluated: evaluatedStatus }: EvaluationState): Promise<void> {
    const others = this.othersOf(componentId, evaluatedStatus.evidence);
    const [, ...evidence] = await Promise.all([componentId, ...others].map((id) => this.retryQueue.positionOf(id)));
    const isNow = this.watch?.stateOf(componentId)?.evaluated.details === evaluatedStatus.details;
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
    const failures = this.watch?.stateOf('nats')?.memory.failures ?? 0;
    return failures >= this.parts.policy.kinds.nats.failuresToRed;
  }

  private remember(componentId: string, position: Promise<string | null>): void {
    this.positions.set(componentId, [...(this.positions.get(componentId) ?? []), position].slice(-REMEMBERED));
  }

  /** Positions of the statuses on others it rests on, and of its own probes. */
  private async evidenceFor(componentId: string, evidence: Evidence): Promise<string[]> {
    const { probes } = evidence;
    const ofAgents = componentId === ROLL_UP ? this.observed.filter(({ status }) => status === 'red').map(({ position }) => position) : [];
    const ofOthers = [...this.othersOf(componentId, evidence).map((id) => this.retryQueue.positionOf(id)), ...ofAgents].slice(
      0,
      MAX_OTHERS,
    );
    const ofProbes = probes === 0 ? [] : (this.positions.get(componentId) ?? []).slice(-probes);
    return (await Promise.all([...ofOthers, ...ofProbes])).filter((position) => typeof position === 'string');
  }

  private othersOf(componentId: string, { components }: Evidence): string[] {
    const others = componentId === ROLL_UP ? this.idsOf('gateway').filter((id) => this.statusOf(id) === 'red') : components;
    return others.slice(0, MAX_OTHERS);
  }

  private idsOf(kind: ComponentDeclared['kind']): string[] {
    return this.configured.flatMap(({ declaration }) => (declaration.kind === kind ? [declaration.component_id] : []));
  }

  /** null: right after the start. Shares of those that happened to be looked at first would be shares of nothing. */
  private async members(): Promise<Member[] | null> {
    if (this.idsOf('gateway').some((id) => this.watch?.stateOf(id)?.evaluated.reason === 'never_connected')) return null;
    const probed = this.configured.flatMap(({ declaration: { component_id, kind, name, critical } }) =>
      kind === 'gateway' ? [{ name, critical, status: this.statusOf(component_id) }] : [],
    );
    return [...probed, ...(await this.seenMembers())];
  }

  /** undefined: PostgreSQL did not answer in time, which must not keep those from being judged that are probed. */
  private async readSeen(): Promise<readonly ObservedGateway[] | undefined> {
    const late = Promise.withResolvers<undefined>();
    const callOff = this.parts.clock.after(SEEN_MS, () => late.resolve(undefined));
    const observation = await Promise.race([this.parts.observed.all().catch(() => undefined), late.promise]);
    callOff();
    return observation;
  }

  /** While PostgreSQL does not say how they are, they are unknown. */
  private async seenMembers(): Promise<Member[]> {
    const observed = await this.readSeen();
    if (observed === undefined) return this.observed.map(({ name }) => ({ name, critical: false, status: 'unknown' }));
    this.observed = observed;
    return this.observed.map(({ name, status, label }) => ({
      name,
      critical: false,
      status,
      ...(status === 'unknown' ? { away: label } : {}),
    }));
  }

  private statusOf(componentId: string): ComponentStatus {
    return this.watch?.stateOf(componentId)?.evaluated.status ?? 'unknown';
  }

  /** Tries until it succeeds; undefined: stopped first. */
  private async untilDone<T>(what: string, attempt: () => Promise<T>): Promise<T | undefined> {
    while (!this.isStopped) {
      try {
        return await attempt();
      } catch (error) {
        this.parts.warn(`${what}: ${String(error)}`);
        const { promise, resolve } = Promise.withResolvers<void>();
        const callOff = this.parts.clock.after(RETRY_MS, resolve);
        await Promise.race([promise, this.wake.promise]);
        callOff();
      }
    }
    return undefined;
  }
}
