import { type Instant, type NewOf, newEvent, plainDetails, plainText } from '@app/kernel';
import { EvaluationUpdated, type ComponentId, HealthProbed } from '../events/index.js';
import type { LastStatus } from '../component.stream.js';
import { componentSentence } from '../sentences.js';
import { type ProbeResult, detailsOf } from './probe-result.js';
import { type EvaluationState, type EvaluatedStatus, neverProbed, resumed } from './evaluation-state.js';
import type { Change } from './change-retry-queue.js';
import type { Evaluation } from './watch.js';

const MAX_DETAIL = 300;
const MAX_VERSION = 100;

/** What one probe found, as telemetry. */
export function probed(evaluation: Evaluation, result: ProbeResult): NewOf<typeof HealthProbed> {
  const { memory, evaluated: evaluatedStatus } = evaluation.evaluationState;
  const isGood = result.ok && (memory.evaluation.status !== 'red' || memory.good > 0);
  const finding = result.ok ? (result.findings.find(({ colour }) => colour === 'red') ?? result.findings[0]) : result;
  return newEvent(HealthProbed, {
    component_id: evaluation.componentId as ComponentId,
    ok: isGood,
    latency_ms: latencyOf(result),
    status: evaluatedStatus.status,
    reason: finding?.reason ?? null,
    detail: finding === undefined ? '' : plainText(componentSentence(finding.reason, detailsOf(finding), evaluation.atMs), MAX_DETAIL),
    capability: result.ok ? result.capability : null,
    version: result.ok && result.version !== null ? plainText(result.version, MAX_VERSION) : null,
    uptime_ms: result.ok && result.uptimeMs !== null ? Math.round(result.uptimeMs) : null,
    next_probe_at: instant(evaluation.nextProbeAtMs),
  });
}

/** A verdict that differs from the one before, as a fact to be. */
export function changed(
  { componentId, before, evaluationState, result: probeResult, nextProbeAtMs }: Evaluation,
  policyVersion: number,
): Omit<Change, 'evidence'> {
  const { evaluated } = evaluationState;
  return {
    component_id: componentId as ComponentId,
    from: before.status,
    to: evaluated.status,
    reason: evaluated.reason,
    details: plainDetails(evaluated.details),
    since: instant(evaluated.sinceMs),
    last_good_at: evaluated.lastGoodMs === null ? null : instant(evaluated.lastGoodMs),
    next_probe_at: instant(nextProbeAtMs),
    latency_ms: probeResult === null ? null : latencyOf(probeResult),
    policy_version: policyVersion,
  };
}

/** An evaluation that leaves status and reason as they are, as telemetry. */
export const evaluated = (componentId: string, evaluated: EvaluatedStatus, evidence: readonly string[]): NewOf<typeof EvaluationUpdated> =>
  newEvent(EvaluationUpdated, {
    component_id: componentId as ComponentId,
    status: evaluated.status,
    reason: evaluated.reason,
    details: plainDetails(evaluated.details),
    evidence,
  });

/** What a prober that has just started takes a component for. */
export function stateOf(last: LastStatus | null, nowMs: number): EvaluationState {
  if (last === null) return neverProbed(nowMs);
  const { status, reason, details, since, last_good_at } = last;
  return resumed(
    { status, reason, details, sinceMs: Date.parse(since), lastGoodMs: last_good_at === null ? null : Date.parse(last_good_at) },
    nowMs,
  );
}

const latencyOf = (result: ProbeResult): number | null =>
  result.ok && result.latencyMs !== null ? Math.round(result.latencyMs * 10) / 10 : null;
const instant = (ms: number): Instant => new Date(ms).toISOString() as Instant;
