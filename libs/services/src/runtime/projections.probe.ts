import { type Finding, type ProbeResult, answered } from './probe-result.js';
import type { ProjectionLag } from './ports.js';
import type { Probe } from './probe.js';

/** Rows that stand still at events which cannot be used: their number, and in which read models. */
const evaluationState = (parked: readonly { projection: string; parked: number }[]): Finding => {
  const rows = parked.reduce((sum, one) => sum + one.parked, 0);
  return { colour: 'amber', reason: 'events_parked', details: { rows, read_models: parked.map(({ projection }) => projection) } };
};

/** How far the read models are behind: the one that is furthest, the one that has stood still for longest, and what is parked in them. */
export class ProjectionsProbe implements Probe {
  readonly isIndirect = true;

  constructor(private readonly lag: ProjectionLag) {}

  async look(): Promise<ProbeResult | null> {
    const all = await this.lag.read().catch(() => null);
    if (all === null) return null; // The log or PostgreSQL does not answer, and both are probed for themselves.
    const behind = all.filter(({ lag_events }) => lag_events > 0);
    const [furthest] = behind.toSorted((a, b) => b.lag_seconds - a.lag_seconds);
    const [stillest] = behind.toSorted((a, b) => b.stalled_seconds - a.stalled_seconds);
    const parked = all.filter((one) => one.parked > 0);
    return answered(null, {
      findings: parked.length === 0 ? [] : [evaluationState(parked)],
      measured: [
        { gauge: 'lag_ms', value: 1_000 * (furthest?.lag_seconds ?? 0), ...(furthest && { of: furthest.projection }) },
        { gauge: 'stalled_ms', value: 1_000 * (stillest?.stalled_seconds ?? 0), ...(stillest && { of: stillest.projection }) },
      ],
    });
  }

  async close(): Promise<void> {}
}
