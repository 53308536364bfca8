import type { CommandHandler, Telemetry } from '@app/event-store';
import { Tellings } from '@app/kernel';
import { component } from '../component.stream.js';
import type { ComponentDeclared, ComponentId, ComponentStatus } from '../events/index.js';
import type { Grounds, Standing } from './standing.js';
import { declareComponent } from '../write/declare-component/declare-component.decide.js';
import { retireComponent } from '../write/retire-component/retire-component.decide.js';
import type { SeenGateway } from '../seen-gateways.js';
import { ChangeOutbox, PROBER } from './change-outbox.js';
import { GatewaysProbe, type Member } from './gateways.probe.js';
import type { AgentGateways, KnownComponents } from './ports.js';
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
  readonly seen: AgentGateways;
}

const KEEP_MS = 3_000;
const RETRY_MS = 2_000;
/** As many positions of a component's last probes as a verdict can rest on. */
const REMEMBERED = 10;
const MAX_OTHERS = 6;
/** Timeout for reading which gateways agents see, ms: shorter than that of the probe. */
const SEEN_MS = 2_000;
export const ROLL_UP = 'gateways' as ComponentId;
const ROLLED_UP: ComponentDeclared = { component_id: ROLL_UP, kind: 'gateways', name: 'Gateways', target: null, critical: false };

/**
 * Brings the components of the configuration and the log together, watches them, and writes down what comes of it: each probe as
 * telemetry, each change of a verdict as a fact, and other details of the same verdict as telemetry again. Goes on from the verdicts the log has. A log that falls silent stops nothing: the
 * verdicts go on in memory, and their changes are written when it answers again.
 *
 * Where there are gateways, probed ones or some that edge agents see, there is one more component: what they add up to. It comes and goes
 * with the first and the last of them.
 */
export class Prober {
  private readonly rollUp: Configured;
  private isRolledUp = false;
  /** As they were last read. */
  private seen: readonly SeenGateway[] = [];
  private stopReviewing: () => void = () => {};
  private reviewing: Promise<void> = Promise.resolve();
  private readonly positions = new Map<string, Promise<string | null>[]>();
  private readonly outbox: ChangeOutbox;
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
    this.stopReviewing();
    await this.reviewing;
    await this.watch?.stop();
    await this.outbox.stop();
  }

  private async begin(): Promise<void> {
    this.isRolledUp = (await this.areGateways()) !== false; // Not known yet: it stays if it was there.
    await this.untilDone('The components cannot be declared yet', () => this.retireOthers());
    const watched: Watched[] = [];
    for (const one of this.isRolledUp ? [...this.configured, this.rollUp] : this.configured) {
      const { component_id } = one.declaration;
      const standing = await this.untilDone(`${component_id} cannot be declared yet`, () => this.declare(one.declaration));
      if (standing === undefined) return; // Stopped before it began.
      watched.push(this.watchedOf(one, standing));
    }
    this.watch = new Watch(watched, this.parts, (judged) => this.onJudged(judged));
    if (this.isStopped) return;
    this.watch.start();
    this.reviewLater();
  }

  private watchedOf({ declaration: { component_id, kind }, probe }: Configured, standing: Standing): Watched {
    return { componentId: component_id, kind, probe, standing, follows: kind === 'gateways' ? this.idsOf('gateway') : [] };
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
    const seen = await this.readSeen();
    return seen === undefined ? undefined : seen.length > 0;
  }

  private async retireOthers(): Promise<true> {
    const mine = new Set<string>(this.configured.map(({ declaration }) => declaration.component_id));
    if (this.isRolledUp) mine.add(ROLL_UP);
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
    const ofAgents = componentId === ROLL_UP ? this.seen.filter(({ status }) => status === 'red').map(({ position }) => position) : [];
    const ofOthers = [...this.othersOf(componentId, grounds).map((id) => this.outbox.positionOf(id)), ...ofAgents].slice(0, MAX_OTHERS);
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

  /** null: right after the start. Shares of those that happened to be looked at first would be shares of nothing. */
  private async members(): Promise<Member[] | null> {
    if (this.idsOf('gateway').some((id) => this.watch?.standingOf(id)?.verdict.reason === 'never_connected')) return null;
    const probed = this.configured.flatMap(({ declaration: { component_id, kind, name, critical } }) =>
      kind === 'gateway' ? [{ name, critical, status: this.statusOf(component_id) }] : [],
    );
    return [...probed, ...(await this.seenMembers())];
  }

  /** undefined: PostgreSQL did not answer in time, which must not keep those from being judged that are probed. */
  private async readSeen(): Promise<readonly SeenGateway[] | undefined> {
    const late = Promise.withResolvers<undefined>();
    const callOff = this.parts.clock.after(SEEN_MS, () => late.resolve(undefined));
    const seen = await Promise.race([this.parts.seen.all().catch(() => undefined), late.promise]);
    callOff();
    return seen;
  }

  /** While PostgreSQL does not say how they are, they are unknown. */
  private async seenMembers(): Promise<Member[]> {
    const seen = await this.readSeen();
    if (seen === undefined) return this.seen.map(({ name }) => ({ name, critical: false, status: 'unknown' }));
    this.seen = seen;
    return this.seen.map(({ name, status, label }) => ({
      name,
      critical: false,
      status,
      ...(status === 'unknown' ? { away: label } : {}),
    }));
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
