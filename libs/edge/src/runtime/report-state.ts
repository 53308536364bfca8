import type { Instant } from '@app/kernel';
import type { AgentSynced, CostRecorded, GatewaySnapshot } from '../events/index.js';
import { isSameStart } from '../report-difference.js';
import { type Cost, type GatewayReport, LIMITS, type ReportChanged, type ReportFull } from '../tunnel.protocol.js';

/** What one process of an agent reported until now. */
export interface ReportState {
  readonly bootId: string;
  /** The last number of the series that was taken; null: none yet. */
  readonly seq: number | null;
  /** All gateways, by name; null: never heard of all of them. */
  readonly gateways: ReadonlyMap<string, GatewaySnapshot> | null;
  readonly report: Omit<AgentSynced, 'agent_id' | 'session_id' | 'gateways'> | null;
}

/** `isMissing`: something before it never came, and all has to be told again. `isNew`: it was not told before. */
export interface Taken {
  readonly reported: ReportState;
  readonly isNew: boolean;
  readonly isMissing: boolean;
}

export const newReportState = (bootId: string): ReportState => ({ bootId, seq: null, gateways: null, report: null });

/** `wallMs`: now, milliseconds since 1970. */
export function takeReport(reported: ReportState, frame: ReportChanged | ReportFull, wallMs: number): Taken {
  if (isOld(reported, frame.seq)) return { reported, isNew: false, isMissing: false };
  const isFull = frame.type === 'report_full';
  const known = isFull ? new Map<string, GatewaySnapshot>() : new Map(reported.gateways);
  for (const gateway of frame.gateways) known.set(gateway.name, snapshotOf(gateway, reported.gateways?.get(gateway.name), wallMs));
  const { seq, desired_version, host, outbox } = frame;
  const areMore = known.size > LIMITS.gateways; // Than an agent may have: those that are no more are among them.
  const gateways = (isFull || reported.gateways !== null) && !areMore ? known : null; // Some are not all.
  const isMissing = gateways === null || (!isFull && hasGap(reported, frame.seq));
  const report = {
    seq,
    desired_version,
    ...host,
    outbox_depth: outbox.depth,
    outbox_capacity: outbox.capacity,
    outbox_dropped: outbox.dropped,
  };
  return { reported: { ...reported, seq, gateways, report }, isNew: true, isMissing };
}

export function takeCost(reported: ReportState, { seq }: Cost): Taken {
  if (isOld(reported, seq)) return { reported, isNew: false, isMissing: false };
  return { reported: { ...reported, seq }, isNew: true, isMissing: hasGap(reported, seq) };
}

const isOld = ({ seq }: ReportState, next: number): boolean => seq !== null && next <= seq;
const hasGap = ({ seq }: ReportState, next: number): boolean => seq !== null && next > seq + 1;

/** A start that was reckoned before stays what it was: two reckonings of one start differ by what the way took. */
function snapshotOf({ uptime_ms, ...gateway }: GatewayReport, known: GatewaySnapshot | undefined, wallMs: number): GatewaySnapshot {
  const channels = gateway.channels.map(({ down_ms, ...channel }) => {
    const before = known?.channels.find(({ name }) => name === channel.name)?.down_since ?? null;
    return { ...channel, down_since: reckoned(down_ms, before, wallMs) };
  });
  return { ...gateway, channels, started_at: reckoned(uptime_ms, known?.started_at ?? null, wallMs) };
}

function reckoned(agoMs: number | null, before: Instant | null, wallMs: number): Instant | null {
  const at = agoMs === null ? null : (new Date(wallMs - agoMs).toISOString() as Instant);
  return isSameStart(before, at) ? before : at;
}

/** What the day cost, without what belongs to the frame. */
export const costOf = (agentId: CostRecorded['agent_id'], { type: _type, seq: _seq, ...cost }: Cost): CostRecorded => ({
  agent_id: agentId,
  ...cost,
});
