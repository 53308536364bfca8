import type { Component } from '../read/component-directory/component-directory.view.js';
import type { ComponentKind } from '../events/component-kind.js';
import type { Probe } from './probe.js';
import { type Evaluation, Watch, type WatchParts } from './watch.js';
import { EvaluationStates } from './evaluation-states.js';
import { POLICY, type Policy } from './policy.js';
import { type EvaluationState, neverProbed } from './evaluation-state.js';
import { LiveOverlay } from './live-overlay.js';
import { type LogTrouble, overLog } from './log-trouble.js';
import { type LiveView, overlay } from './overlay.js';

const LIVE_INTERVAL_MS = 2_000;
/** What every answer stands on, and so what whoever answers should look at itself. */
const OBSERVED = ['nats', 'postgresql', 'valkey', 'projections'] as const satisfies ComponentKind[];
/** Asked for more often than the prober does. To measure the read models is many questions, so it is not among them. */
const HURRIED = OBSERVED.filter((kind) => kind !== 'projections');
export type LiveProbes = Readonly<Record<(typeof OBSERVED)[number], Probe>>;

/** The same thresholds at a faster beat. It does not doubt itself: who gets its answer knows that it runs. */
export const LIVE_POLICY: Policy = {
  ...POLICY,
  kinds: {
    ...POLICY.kinds,
    ...Object.fromEntries(HURRIED.map((kind) => [kind, { ...POLICY.kinds[kind], intervalMs: LIVE_INTERVAL_MS }])),
  },
  correlatedFailure: { ...POLICY.correlatedFailure, share: 1 },
};

/**
 * The log, PostgreSQL, Valkey and the read models as this process sees them, for when the log and the rows cannot say: same probes, same verdicts,
 * every two seconds, written down nowhere.
 */
export class LiveObserver extends LiveOverlay {
  private readonly watch: Watch;
  private readonly views = new Map<string, LiveView>();
  private readonly listeners = new Set<() => void>();
  private logTrouble: LogTrouble | null = null;

  constructor(
    probes: LiveProbes,
    private readonly parts: Omit<WatchParts, 'policy'>,
  ) {
    super();
    const evaluationState = (): EvaluationState => neverProbed(parts.clock.wallMs());
    const watched = OBSERVED.map((kind) => ({
      componentId: kind,
      kind,
      probe: probes[kind],
      evaluationState: evaluationState(),
      triggers: [],
    }));
    this.watch = new Watch(watched, { ...parts, policy: LIVE_POLICY }, new EvaluationStates(), (evaluation) =>
      this.onEvaluated(evaluation),
    );
  }

  start(): void {
    this.watch.start();
  }

  async stop(): Promise<void> {
    await this.watch.stop();
  }

  /** Calls `listener` after each change of a status or of its details; the function it answers ends that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Why nothing is written to the log; empty: it is. */
  noteLog(sentences: readonly string[]): void {
    const sentence = sentences.join(' ');
    if (sentence === (this.logTrouble?.sentence ?? '')) return;
    const sinceMs = this.logTrouble?.sinceMs ?? this.parts.clock.wallMs();
    this.logTrouble = sentence === '' ? null : { sentence, sinceMs };
    for (const listener of this.listeners) listener();
  }

  over(components: readonly Component[]): Component[] {
    const nowMs = this.parts.clock.wallMs();
    return overLog(overlay(components, this.views, nowMs, POLICY), this.logTrouble, nowMs);
  }

  private onEvaluated({ componentId, atMs, result, before, evaluationState: { evaluated }, nextProbeAtMs }: Evaluation): void {
    const last = this.views.get(componentId);
    const answer = result?.ok === true ? result : { latencyMs: null, version: null };
    this.views.set(componentId, {
      evaluated,
      latencyMs: answer.latencyMs === null ? null : tenths(answer.latencyMs),
      version: answer.version ?? last?.version ?? null,
      probedAtMs: result === null ? (last?.probedAtMs ?? null) : atMs,
      nextProbeAtMs,
    });
    const hasChanged = before.status !== evaluated.status || before.reason !== evaluated.reason;
    const hasDetails = JSON.stringify(before.details) !== JSON.stringify(evaluated.details);
    if (hasChanged || hasDetails) for (const listener of this.listeners) listener();
  }
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
