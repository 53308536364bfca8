import type { Clock } from '@app/kernel';
import type { ComponentKind } from '../events/component-kind.js';
import { isFull } from './causes.js';
import { deriveStatus } from './derive-status.js';
import { isCorrelatedFailure } from './correlated-failure.js';
import type { Policy } from './policy.js';
import { type ProbeResult, failed } from './probe-result.js';
import { type EvaluationState, type EvaluatedStatus, earlier } from './evaluation-state.js';
import type { EvaluationStates } from './evaluation-states.js';
import type { OwnLoop } from './own-loop.js';
import type { Probe } from './probe.js';
import { nextProbeMs } from './schedule.js';

/** One component to look at. */
export interface Watched {
  readonly componentId: string;
  readonly kind: ComponentKind;
  readonly probe: Probe;
  /** What it is taken for until the first probe. */
  readonly evaluationState: EvaluationState;
  /** Looked at again as soon as the status on one of these changes. */
  readonly triggers: readonly string[];
}

/** One evaluation: a probe came back, or time alone changed the status or its details (`reading` is then null). */
export interface Evaluation {
  readonly componentId: string;
  readonly atMs: number;
  readonly result: ProbeResult | null;
  readonly before: EvaluatedStatus;
  readonly evaluationState: EvaluationState;
  readonly nextProbeAtMs: number;
}

export interface WatchParts {
  readonly clock: Clock;
  readonly loop: OwnLoop;
  readonly policy: Policy;
  /** A sentence for whoever runs the process. */
  readonly warn: (sentence: string) => void;
}

const EVALUATE_EVERY_MS = 1_000;
/** A clock that runs a little slow is none that was set back. */
const SET_BACK_MS = 500;

interface ProbeSchedule extends Watched {
  nextProbeAtMs: number;
  callOff: () => void;
  /** `due`: waits for a place; `again`: looked at, and to be looked at again at once. */
  state: 'resting' | 'due' | 'looking' | 'again';
  /** A look that was given up and has not ended. */
  isHanging: boolean;
}

/**
 * Looks at components, each at its own beat, and judges them. A component is `resting` until its next probe is due, `due` until
 * one of the places is free, `looking` until the probe came back or its time is over, and then rests again. All are looked at
 * once at the start. Once a second all are judged without a new probe, for what time alone changes: silence, and parents.
 */
export class Watch {
  private readonly entries = new Map<string, ProbeSchedule>();
  private readonly queue: ProbeSchedule[] = [];
  private readonly looks = new Set<Promise<void>>();
  private readonly ending = new AbortController();
  private stopEvaluating: () => void = () => {};
  /** Both clocks, when they were last looked at. */
  private clocks: { readonly wallMs: number; readonly nowMs: number };

  constructor(
    watched: readonly Watched[],
    private readonly parts: WatchParts,
    private readonly states: EvaluationStates,
    private readonly onEvaluated: (evaluation: Evaluation) => void,
  ) {
    this.clocks = { wallMs: parts.clock.wallMs(), nowMs: parts.clock.nowMs() };
    for (const one of watched) this.entry(one);
  }

  private entry(one: Watched): ProbeSchedule {
    const entry: ProbeSchedule = { ...one, nextProbeAtMs: 0, callOff: () => {}, state: 'resting', isHanging: false };
    this.entries.set(one.componentId, entry);
    this.states.put(one.componentId, one.evaluationState);
    return entry;
  }

  /** Watches one more, once this has started. */
  add(one: Watched): void {
    this.summon(this.entry(one));
  }

  /** Watches it no more; what a look that is under way brings back counts for nothing. */
  async remove(componentId: string): Promise<void> {
    const entry = this.entries.get(componentId);
    this.entries.delete(componentId);
    this.states.drop(componentId);
    entry?.callOff();
    await entry?.probe.close();
  }

  start(): void {
    for (const entry of this.entries.values()) this.summon(entry);
    this.evaluateAll();
  }

  /** Calls everything off and waits for the probes to let go. */
  async stop(): Promise<void> {
    this.ending.abort();
    this.stopEvaluating();
    for (const entry of this.entries.values()) entry.callOff();
    await Promise.all(this.looks);
    await Promise.all([...this.entries.values()].map(({ probe }) => probe.close()));
  }

  /** Goes on from another standing than it had come to itself. */
  adopt(componentId: string, evaluationState: EvaluationState): void {
    if (this.entries.has(componentId)) this.states.put(componentId, evaluationState);
  }

  private stateOf({ componentId, evaluationState: initial }: ProbeSchedule): EvaluationState {
    return this.states.of(componentId) ?? initial;
  }

  /** Looks as soon as there is a place. */
  private summon(entry: ProbeSchedule): void {
    if (entry.state === 'due' || this.ending.signal.aborted) return;
    if (entry.state !== 'resting') {
      entry.state = 'again';
      return;
    }
    entry.callOff();
    entry.state = 'due';
    this.queue.push(entry);
    this.fill();
  }

  private fill(): void {
    while (this.looks.size < this.parts.policy.concurrency) {
      const entry = this.queue.shift();
      if (entry === undefined || this.ending.signal.aborted) return;
      const look = this.visit(entry).finally(() => {
        this.looks.delete(look);
        this.fill();
      });
      this.looks.add(look);
    }
  }

  private async visit(entry: ProbeSchedule): Promise<void> {
    entry.state = 'looking';
    const { loop, policy } = this.parts;
    const latenessMs = loop.watch();
    const result = await this.look(entry);
    const isOurs = latenessMs() > policy.ownLatenessMs;
    if (this.ending.signal.aborted || this.entries.get(entry.componentId) !== entry) return;
    const nowMs = this.wallMs();
    const isSummoned = (entry.state as ProbeSchedule['state']) === 'again';
    entry.state = 'resting';
    if (isOurs) this.rest(entry, nowMs + (policy.reprobeAfterMs[0] ?? 0));
    else {
      const before = this.evaluate(entry, result, nowMs);
      this.rest(entry, nextProbeMs(entry.componentId, entry.kind, this.stateOf(entry).memory, nowMs, policy));
      this.report(entry, before, result, nowMs);
    }
    if (isSummoned) this.summon(entry);
  }

  /** What the probe says, or that its time is over. */
  private async look(entry: ProbeSchedule): Promise<ProbeResult | null> {
    const { timeoutMs } = this.parts.policy.kinds[entry.kind];
    const late = entry.probe.isIndirect ? null : failed('heartbeat_timeout', `No answer within ${timeoutMs / 1000} s.`);
    if (entry.isHanging) return late;
    const giveUp = new AbortController();
    const signal = AbortSignal.any([giveUp.signal, this.ending.signal]);
    const { promise: timeout, resolve } = Promise.withResolvers<ProbeResult | null>();
    const callOff = this.parts.clock.after(timeoutMs, () => resolve(late));
    this.ending.signal.addEventListener('abort', () => resolve(null), { once: true, signal: giveUp.signal });
    entry.isHanging = true;
    const looked = this.ask(entry, signal).finally(() => (entry.isHanging = false));
    const probeResult = await Promise.race([looked, timeout]);
    callOff();
    giveUp.abort();
    return probeResult;
  }

  private async ask({ probe, componentId }: ProbeSchedule, signal: AbortSignal): Promise<ProbeResult | null> {
    try {
      return await probe.look(signal);
    } catch (error) {
      if (!signal.aborted) this.parts.warn(`The probe of ${componentId} itself failed: ${String(error)}`);
      return null;
    }
  }

  /** Answers the status there was before. */
  private evaluate(entry: ProbeSchedule, result: ProbeResult | null, nowMs: number): EvaluatedStatus {
    const { policy } = this.parts;
    const { kind } = entry;
    const known = this.stateOf(entry);
    const statusOf = (id: string): EvaluatedStatus | undefined => this.states.of(id)?.evaluated;
    const red = policy.kinds[kind].dependsOn.filter((id) => statusOf(id)?.status === 'red');
    const redParents = [...red, ...(entry.probe.blockedBy ?? [])];
    const fullParents = red.filter((id) => isFull(statusOf(id) ?? { reason: null }));
    const observed = { kind, result, redParents, fullParents, isCorrelated: this.isCorrelatedFailure(entry, result, nowMs) };
    this.states.put(entry.componentId, deriveStatus(known, observed, nowMs, policy));
    return known.evaluated;
  }

  private report(entry: ProbeSchedule, before: EvaluatedStatus, result: ProbeResult | null, atMs: number): void {
    const { componentId, nextProbeAtMs } = entry;
    const evaluationState = this.stateOf(entry);
    const { status, reason, details } = evaluationState.evaluated;
    const hasChanged = before.status !== status || before.reason !== reason;
    const hasDetails = before.details !== details && JSON.stringify(before.details) !== JSON.stringify(details);
    if (result !== null || hasChanged || hasDetails)
      this.onEvaluated({ componentId, atMs, result, before, evaluationState, nextProbeAtMs });
    if (hasChanged) for (const other of this.entries.values()) if (other.triggers.includes(componentId)) this.summon(other);
  }

  private isCorrelatedFailure(entry: ProbeSchedule, result: ProbeResult | null, nowMs: number): boolean {
    const since = (one: ProbeSchedule): number | null => this.stateOf(one).memory.failingSinceMs;
    const own = result === null ? since(entry) : result.ok ? null : (since(entry) ?? nowMs);
    const all = [...this.entries.values()].map((one) => (one === entry ? own : since(one)));
    return isCorrelatedFailure(own, all, nowMs, this.parts.policy);
  }

  private rest(entry: ProbeSchedule, untilMs: number): void {
    entry.callOff();
    entry.nextProbeAtMs = untilMs;
    entry.callOff = this.parts.clock.after(Math.max(0, untilMs - this.parts.clock.wallMs()), () => this.summon(entry));
  }

  /** What time it is. Where the clock was set back meanwhile, what is remembered goes with it: it is as long ago as before. */
  private wallMs(): number {
    const { clock } = this.parts;
    const now = { wallMs: clock.wallMs(), nowMs: clock.nowMs() };
    const backMs = this.clocks.wallMs + (now.nowMs - this.clocks.nowMs) - now.wallMs;
    if (backMs > SET_BACK_MS)
      for (const entry of this.entries.values()) this.states.put(entry.componentId, earlier(this.stateOf(entry), backMs));
    this.clocks = now;
    return now.wallMs;
  }

  private evaluateAll(): void {
    const nowMs = this.wallMs();
    for (const entry of this.entries.values()) this.report(entry, this.evaluate(entry, null, nowMs), null, nowMs);
    this.stopEvaluating = this.parts.clock.after(EVALUATE_EVERY_MS, () => this.evaluateAll());
  }
}
