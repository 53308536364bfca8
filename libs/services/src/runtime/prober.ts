import { component } from '../component.stream.js';
import type { ComponentDeclared, ComponentId } from '../events/index.js';
import { declareComponent } from '../write/declare-component/declare-component.decide.js';
import { retireComponent } from '../write/retire-component/retire-component.decide.js';
import { PROBER } from './change-retry-queue.js';
import { type Configured, ROLL_UP } from './configured.js';
import { EvaluationReporter, type ReporterParts } from './evaluation-reporter.js';
import type { EvaluationState } from './evaluation-state.js';
import { EvaluationStates } from './evaluation-states.js';
import { GatewayMembers } from './gateway-members.js';
import { GatewaysProbe } from './gateways.probe.js';
import type { AgentGateways, KnownComponents } from './ports.js';
import { stateOf } from './reports.js';
import { Watch, type WatchParts, type Watched } from './watch.js';

export interface ProberParts extends WatchParts, ReporterParts {
  readonly known: KnownComponents;
  readonly observed: AgentGateways;
}

const RETRY_MS = 2_000;
const ROLLED_UP: ComponentDeclared = { component_id: ROLL_UP, kind: 'gateways', name: 'Gateways', target: null, critical: false };

/**
 * Brings the components of the configuration and the log together: declares and retires them, and watches them from the statuses that the
 * log has. Calls go one way: `Watch` probes and writes the states, and hands each evaluation to `EvaluationReporter`, which writes it
 * down. A log that falls silent stops nothing: evaluations go on in memory, and changes are written when it answers again.
 *
 * Where there are gateways, probed ones or some that edge agents see, there is one more component: what they add up to. It comes and goes
 * with the first and the last of them.
 */
export class Prober {
  private readonly rollUp: Configured;
  private isRolledUp = false;
  private stopReviewing: () => void = () => {};
  private reviewing: Promise<void> = Promise.resolve();
  private readonly states = new EvaluationStates();
  private readonly gateways: GatewayMembers;
  private readonly reporter: EvaluationReporter;
  private watch: Watch | undefined;
  private isStopped = false;
  private readonly wake = Promise.withResolvers<void>();
  private beginning: Promise<void> = Promise.resolve();

  constructor(
    private readonly configured: readonly Configured[],
    private readonly parts: ProberParts,
  ) {
    this.gateways = new GatewayMembers(configured, this.states, parts.observed, parts.clock);
    this.rollUp = { declaration: ROLLED_UP, probe: new GatewaysProbe(() => this.gateways.members()) };
    this.reporter = new EvaluationReporter(parts, this.states, this.gateways, (id) => void this.adopt(id));
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
    await this.reporter.stop();
  }

  private async begin(): Promise<void> {
    this.isRolledUp = (await this.gateways.areThere()) !== false; // Not known yet: it stays if it was there.
    await this.untilDone('The components cannot be declared yet', () => this.retireOthers());
    const watched: Watched[] = [];
    for (const one of this.isRolledUp ? [...this.configured, this.rollUp] : this.configured) {
      const { component_id } = one.declaration;
      const evaluationState = await this.untilDone(`${component_id} cannot be declared yet`, () => this.declare(one.declaration));
      if (evaluationState === undefined) return; // Stopped before it began.
      watched.push(this.watchedOf(one, evaluationState));
    }
    this.watch = new Watch(watched, this.parts, this.states, (evaluation) => this.reporter.report(evaluation));
    if (this.isStopped) return;
    this.watch.start();
    this.reviewLater();
  }

  private watchedOf({ declaration: { component_id, kind }, probe }: Configured, evaluationState: EvaluationState): Watched {
    return { componentId: component_id, kind, probe, evaluationState, triggers: kind === 'gateways' ? this.gateways.probedIds : [] };
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
    const areGateways = await this.gateways.areThere();
    if (areGateways === undefined || areGateways === this.isRolledUp || this.isStopped) return;
    if (areGateways) this.watch?.add(this.watchedOf(this.rollUp, await this.declare(ROLLED_UP)));
    else {
      await this.watch?.remove(ROLL_UP);
      await this.parts.commands.handle(retireComponent, { data: { component_id: ROLL_UP }, actor: PROBER });
    }
    this.isRolledUp = areGateways;
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
