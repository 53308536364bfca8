import type { CommandHandler, Telemetry } from '@app/event-store';
import { Tellings } from '@app/kernel';
import { component } from '../component.stream.js';
import type { ComponentDeclared, ComponentId, ComponentStatus } from '../events/index.js';
import type { Grounds, Standing } from '../verdict/standing.js';
import { declareComponent } from '../write/declare-component/declare-component.decide.js';
import { retireComponent } from '../write/retire-component/retire-component.decide.js';
import { ChangeOutbox, PROBER } from './change-outbox.js';
import { GatewaysProbe, type Member } from './gateways.probe.js';
import type { KnownComponents } from './ports.js';
import type { Probe } from './probe.js';
import { changed, evaluated, probed, standingOf } from './reports.js';
import { type Judged, Watch, type WatchParts, type Watched } from './watch.js';

/** One component as the configuration names it, and how it is looked at. */
export interface Configured {
  readonly declaration: ComponentDeclared;
  readonly probe: Probe;
}

export interface ProberParts extends WatchParts {
  readonly commands: Pick<CommandHandler, 'handle' | 'read'>;
  readonly telemetry: Pick<Telemetry, 'keep'>;
  readonly known: KnownComponents;
}

const KEEP_MS = 3_000;
const RETRY_MS = 2_000;
/** As many positions of a component's last probes as a verdict can rest on. */
const REMEMBERED = 10;
const MAX_OTHERS = 6;
export const ROLL_UP = 'gateways' as ComponentId;

/**
 * Brings the components of the configuration and the log together, watches them, and writes down what comes of it: each probe as
 * telemetry, each change of a verdict as a fact, and other details of the same verdict as telemetry again. Goes on from the verdicts the log has. A log that falls silent stops nothing: the
 * verdicts go on in memory, and their changes are written when it answers again.
 */
export class Prober {
  private readonly configured: readonly Configured[];
  private readonly positions = new Map<string, Promise<string | null>[]>();
  private readonly outbox: ChangeOutbox;
  private readonly tellings = new Tellings();
  private watch: Watch | undefined;
  private isStopped = false;
  private readonly wake = Promise.withResolvers<void>();
  private beginning: Promise<void> = Promise.resolve();

  constructor(
    configured: readonly Configured[],
    private readonly parts: ProberParts,
  ) {
    this.configured = [...configured, ...rollUp(configured, () => this.members())];
    this.outbox = new ChangeOutbox({ ...parts, onOvertaken: (id) => void this.adopt(id) });
  }

  /** Begins, and does not wait for it: the log may not answer yet. */
  start(): void {
    this.beginning = this.begin();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake.resolve();
    await this.beginning;
    await this.watch?.stop();
    await this.outbox.stop();
  }

  private async begin(): Promise<void> {
    await this.untilDone('The components cannot be declared yet', () => this.retireOthers());
    const watched: Watched[] = [];
    for (const { declaration, probe } of this.configured) {
      const standing = await this.untilDone(`${declaration.component_id} cannot be declared yet`, () => this.declare(declaration));
      if (standing === undefined) return; // Stopped before it began.
      const follows = declaration.kind === 'gateways' ? this.idsOf('gateway') : [];
      watched.push({ componentId: declaration.component_id, kind: declaration.kind, probe, standing, follows });
    }
    this.watch = new Watch(watched, this.parts, (judged) => this.onJudged(judged));
    if (!this.isStopped) this.watch.start();
  }

  private async retireOthers(): Promise<true> {
    const mine = new Set<string>(this.configured.map(({ declaration }) => declaration.component_id));
    const others = (await this.parts.known.ids()).filter((id) => !mine.has(id));
    for (const id of others)
      await this.parts.commands.handle(retireComponent, { data: { component_id: id as ComponentId }, actor: PROBER });
    return true;
  }

  private async declare(declaration: ComponentDeclared): Promise<Standing> {
    await this.parts.commands.handle(declareComponent, { data: declaration, actor: PROBER });
    return this.standingInLog(declaration.component_id);
  }

  private async standingInLog(componentId: string): Promise<Standing> {
    const state = await this.parts.commands.read(component.of(componentId), { passesUnreadable: true });
    return standingOf(state.lifecycle === 'watched' ? state.verdict : null, this.parts.clock.wallMs());
  }

  private async adopt(componentId: string): Promise<void> {
    this.parts.warn(`Somebody else judges ${componentId} as well; going on from what the log has.`);
    const standing = await this.untilDone(`${componentId} cannot be read yet`, () => this.standingInLog(componentId));
    if (standing !== undefined) this.watch?.adopt(componentId, standing);
  }

  private onJudged(judged: Judged): void {
    const { componentId, reading, before, standing } = judged;
    if (reading !== null) this.remember(componentId, this.keep(judged));
    const { status, reason, details, grounds } = standing.verdict;
    const now = { status, reason, details, evidence: this.othersOf(componentId, grounds) };
    if (status === before.status && reason === before.reason) {
      if (!this.isLogGone() && this.tellings.isNews(componentId, now, this.parts.clock.nowMs())) void this.tell(componentId, standing);
      return;
    }
    this.tellings.said(componentId, now);
    const evidence = this.evidenceFor(componentId, grounds);
    this.outbox.put({ ...changed(judged, this.parts.policy.version), evidence });
  }

  /** Waits for the fact that it details. What is not so any more by then is not told. */
  private async tell(componentId: string, { verdict }: Standing): Promise<void> {
    const others = this.othersOf(componentId, verdict.grounds);
    const [, ...evidence] = await Promise.all([componentId, ...others].map((id) => this.outbox.positionOf(id)));
    const isNow = this.watch?.standingOf(componentId)?.verdict.details === verdict.details;
    try {
      if (!isNow) return this.tellings.failed(componentId);
      const known = evidence.filter((position) => position !== undefined);
      await this.parts.telemetry.keep(evaluated(componentId, verdict, known), PROBER, KEEP_MS);
    } catch {
      this.tellings.failed(componentId); // It is told with the next evaluation.
    }
  }

  /** Where the log keeps a probe; null: it does not. */
  private async keep(judged: Judged): Promise<string | null> {
    if (judged.reading === null || this.isLogGone()) return null; // Nothing is heaped up for it in the client.
    try {
      return await this.parts.telemetry.keep(probed(judged, judged.reading), PROBER, KEEP_MS);
    } catch {
      return null; // A probe is worth little, and who should keep it is probed as well.
    }
  }

  private isLogGone(): boolean {
    const failures = this.watch?.standingOf('nats')?.memory.failures ?? 0;
    return failures >= this.parts.policy.kinds.nats.failuresToRed;
  }

  private remember(componentId: string, position: Promise<string | null>): void {
    this.positions.set(componentId, [...(this.positions.get(componentId) ?? []), position].slice(-REMEMBERED));
  }

  /** Positions of the verdicts on others it rests on, and of its own probes. */
  private async evidenceFor(componentId: string, grounds: Grounds): Promise<string[]> {
    const { probes } = grounds;
    const ofOthers = this.othersOf(componentId, grounds).map((id) => this.outbox.positionOf(id));
    const ofProbes = probes === 0 ? [] : (this.positions.get(componentId) ?? []).slice(-probes);
    return (await Promise.all([...ofOthers, ...ofProbes])).filter((position) => typeof position === 'string');
  }

  private othersOf(componentId: string, { components }: Grounds): string[] {
    const others = componentId === ROLL_UP ? this.idsOf('gateway').filter((id) => this.statusOf(id) === 'red') : components;
    return others.slice(0, MAX_OTHERS);
  }

  private idsOf(kind: ComponentDeclared['kind']): string[] {
    return this.configured.flatMap(({ declaration }) => (declaration.kind === kind ? [declaration.component_id] : []));
  }

  private members(): Member[] {
    return this.configured.flatMap(({ declaration: { component_id, kind, name, critical } }) =>
      kind === 'gateway' ? [{ name, critical, status: this.statusOf(component_id) }] : [],
    );
  }

  private statusOf(componentId: string): ComponentStatus {
    return this.watch?.standingOf(componentId)?.verdict.status ?? 'unknown';
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

/** Where there are gateways, there is what they add up to. */
function rollUp(configured: readonly Configured[], members: () => readonly Member[]): Configured[] {
  const gateways = configured.filter(({ declaration }) => declaration.kind === 'gateway');
  if (gateways.length === 0) return [];
  const declaration: ComponentDeclared = { component_id: ROLL_UP, kind: 'gateways', name: 'Gateways', target: null, critical: false };
  return [{ declaration, probe: new GatewaysProbe(members) }];
}
