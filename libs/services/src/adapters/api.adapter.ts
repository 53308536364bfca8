import type { Probe } from '../runtime/probe.js';
import { type Finding, type ProbeResult, answered, failed } from '../runtime/probe-result.js';
import { get } from './http.js';
import { networkFailure, shown } from './network-failure.js';

/** The API, by `GET /readyz`: 200, or 503 with what it waits for, and either way how late its event loop is. */
export class ApiProbe implements Probe {
  private readonly target: string;

  constructor(url: string) {
    this.target = shown(url);
  }

  async look(signal: AbortSignal): Promise<ProbeResult> {
    const begun = performance.now();
    try {
      const { status, json } = await get(`${this.target}/readyz`, signal);
      const latencyMs = performance.now() - begun;
      if (!isReadiness(json) || (status !== 200 && status !== 503))
        return failed('error_rate', `${this.target}/readyz answered ${status}.`);
      const findings = status === 200 ? [] : [notReady(json.failing ?? [])];
      return answered(latencyMs, { findings, measured: [{ gauge: 'event_loop_ms', value: json.event_loop_ms }] });
    } catch (error) {
      return networkFailure(error, this.target) ?? failed('error_rate', `${this.target} did not answer in full.`);
    }
  }

  async close(): Promise<void> {}
}

interface Readiness {
  readonly event_loop_ms: number;
  readonly failing?: readonly string[];
}
const isReadiness = (json: unknown): json is Readiness =>
  typeof json === 'object' && json !== null && 'event_loop_ms' in json && typeof json.event_loop_ms === 'number';

/** It runs, and what it lacks is judged for itself: the trouble of another does not make it red. */
const notReady = (failing: readonly string[]): Finding =>
  failing.length === 0
    ? { colour: 'amber', reason: 'starting', detail: 'The API answers, but is not ready yet.' }
    : { colour: 'amber', reason: 'dependency_down', details: { waits_for: failing } };
