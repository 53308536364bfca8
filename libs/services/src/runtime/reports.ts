import { type Instant, type NewOf, newEvent, plainDetails, plainText } from '@app/kernel';
import { EvaluationUpdated, type ComponentId, HealthProbed } from '../events/index.js';
import type { LastVerdict } from '../component.stream.js';
import { componentSentence } from '../sentences.js';
import { type Reading, detailsOf } from './reading.js';
import { type Standing, type Verdict, neverProbed, resumed } from './standing.js';
import type { Change } from './change-outbox.js';
import type { Judged } from './watch.js';

const MAX_DETAIL = 300;
const MAX_VERSION = 100;

/** What one probe found, as telemetry. */
export function probed(judged: Judged, reading: Reading): NewOf<typeof HealthProbed> {
  const { memory, verdict } = judged.standing;
  const isGood = reading.ok && (memory.judged.status !== 'red' || memory.good > 0);
  const finding = reading.ok ? (reading.findings.find(({ colour }) => colour === 'red') ?? reading.findings[0]) : reading;
  return newEvent(HealthProbed, {
    component_id: judged.componentId as ComponentId,
    ok: isGood,
    latency_ms: latencyOf(reading),
    status: verdict.status,
    reason: finding?.reason ?? null,
    detail: finding === undefined ? '' : plainText(componentSentence(finding.reason, detailsOf(finding), judged.atMs), MAX_DETAIL),
    capability: reading.ok ? reading.capability : null,
    version: reading.ok && reading.version !== null ? plainText(reading.version, MAX_VERSION) : null,
    uptime_ms: reading.ok && reading.uptimeMs !== null ? Math.round(reading.uptimeMs) : null,
    next_probe_at: instant(judged.nextProbeAtMs),
  });
}

/** A verdict that differs from the one before, as a fact to be. */
export function changed(
  { componentId, before, standing, reading, nextProbeAtMs }: Judged,
  policyVersion: number,
): Omit<Change, 'evidence'> {
  const { verdict } = standing;
  return {
    component_id: componentId as ComponentId,
    from: before.status,
    to: verdict.status,
    reason: verdict.reason,
    details: plainDetails(verdict.details),
    since: instant(verdict.sinceMs),
    last_good_at: verdict.lastGoodMs === null ? null : instant(verdict.lastGoodMs),
    next_probe_at: instant(nextProbeAtMs),
    latency_ms: reading === null ? null : latencyOf(reading),
    policy_version: policyVersion,
  };
}

/** An evaluation that leaves status and reason as they are, as telemetry. */
export const evaluated = (componentId: string, verdict: Verdict, evidence: readonly string[]): NewOf<typeof EvaluationUpdated> =>
  newEvent(EvaluationUpdated, {
    component_id: componentId as ComponentId,
    status: verdict.status,
    reason: verdict.reason,
    details: plainDetails(verdict.details),
    evidence,
  });

/** What a prober that has just started takes a component for. */
export function standingOf(last: LastVerdict | null, nowMs: number): Standing {
  if (last === null) return neverProbed(nowMs);
  const { status, reason, details, since, last_good_at } = last;
  return resumed(
    { status, reason, details, sinceMs: Date.parse(since), lastGoodMs: last_good_at === null ? null : Date.parse(last_good_at) },
    nowMs,
  );
}

const latencyOf = (reading: Reading): number | null =>
  reading.ok && reading.latencyMs !== null ? Math.round(reading.latencyMs * 10) / 10 : null;
const instant = (ms: number): Instant => new Date(ms).toISOString() as Instant;
