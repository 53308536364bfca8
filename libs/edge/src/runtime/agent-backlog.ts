import type { AgentSynced, CostRecorded, Rejection, SessionId } from '../events/index.js';
import { differenceOf } from '../report-difference.js';
import { FactBudget } from './fact-budget.js';

/** The gauges that telemetry holds of one agent: of which tunnel, and since when. `sync` null: none, or the write failed. */
interface Gauges {
  readonly sessionId: SessionId | null;
  readonly keptMs: number;
  readonly sync: AgentSynced | null;
  readonly cost: CostRecorded | null;
}

/** Latest cost report of one day, and the version last written; its `cost` null: the write may have failed. */
export interface CostDue {
  readonly wanted: CostRecorded;
  /** `atMs`: since 1970, since the end of a day counts. */
  readonly asked: { readonly cost: CostRecorded | null; readonly atMs: number } | null;
}

/** Handshakes of one agent that were rejected since its last tunnel began. */
export interface Rejected {
  readonly count: number;
  readonly reason: Rejection;
  /** The address of the hello, when its signature is valid for it. */
  readonly address: string | null;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * What the recorder has yet to write of one agent. Each part is told and written on its own:
 *
 *   report      `synced` takes one; `contentWritten` and `gatewaysWritten` end what is due of it.
 *   gauges      `gaugesSent`, and `gaugesLost` when telemetry did not take them: they are due again.
 *   costs       `costTold` and `costWritten`, by day.
 *   heartbeat   `beatSent`, and `beatLost`.
 *   rejection   `rejected` makes one due, `rejectionSent` ends it, `rejectionLost` makes it due again; `accepted` clears the count.
 *
 * Times are of the clock of this process, ms, where nothing else is said.
 */
export class AgentBacklog {
  /** The latest report, to become a fact; null: none. */
  readonly sync: AgentSynced | null = null;
  readonly syncWrittenMs: number = -Infinity;
  readonly areGatewaysDue: boolean = false;
  /** Limits the facts that reports of this agent make. */
  readonly budget = new FactBudget();
  readonly gauges: Gauges = { sessionId: null, keptMs: -Infinity, sync: null, cost: null };
  /** By day. */
  readonly costs: ReadonlyMap<string, CostDue> = new Map();
  readonly beatKeptMs: number = -Infinity;
  /** Whether a report came since the last heartbeat that was kept. */
  readonly isSynced: boolean = false;
  /** null: none since its last tunnel began. */
  readonly rejectedHandshakes: Rejected | null = null;
  readonly isRejectionDue: boolean = false;
  readonly rejectionKeptMs: number = -Infinity;
  readonly isRecording: boolean = false;

  synced(sync: AgentSynced): void {
    const isNews = this.sync === null || differenceOf(this.sync, sync) === 'content';
    this.change({ sync, isSynced: true, areGatewaysDue: this.areGatewaysDue || isNews });
  }

  /** A report came that leaves nothing to write. */
  heard(): void {
    this.change({ isSynced: true });
  }

  /** Time alone moved the state of a gateway. */
  gatewaysMoved(gateways: AgentSynced['gateways']): void {
    if (this.sync === null) throw new Error('gateways moved of an agent that reported none');
    this.change({ sync: { ...this.sync, gateways }, areGatewaysDue: true });
  }

  /** The fact says the numbers of the report as well. */
  contentWritten(sync: AgentSynced, nowMs: number): void {
    this.budget.spend(1, nowMs);
    this.change({ syncWrittenMs: nowMs, gauges: this.gauges.sync === null ? this.gauges : { ...this.gauges, sync } });
  }

  /** `sync`: the report whose gateways were written. A newer one is still due. */
  gatewaysWritten(sync: AgentSynced): void {
    this.change({ areGatewaysDue: this.sync !== sync });
  }

  gaugesSent(sync: AgentSynced, cost: CostRecorded | null, nowMs: number): void {
    this.change({ gauges: { sessionId: sync.session_id, keptMs: nowMs, sync, cost } });
  }

  gaugesLost(): void {
    this.change({ gauges: { ...this.gauges, sync: null } });
  }

  /** Keeps the `keptDays` newest days. */
  costTold(day: string, wanted: CostRecorded, keptDays: number): void {
    const costs = new Map(this.costs).set(day, { wanted, asked: this.costs.get(day)?.asked ?? null });
    for (const old of [...costs.keys()].sort().slice(0, -keptDays)) costs.delete(old);
    this.change({ costs });
  }

  /** `wallMs`: since 1970. After the first time the decider is asked once more: another process may have written shortly before. */
  costWritten(day: string, wanted: CostRecorded, wallMs: number): void {
    const now = this.costs.get(day);
    if (now === undefined) return; // Newer days have taken its place.
    this.change({ costs: new Map(this.costs).set(day, { ...now, asked: { cost: now.asked === null ? null : wanted, atMs: wallMs } }) });
  }

  beatSent(nowMs: number): void {
    this.change({ beatKeptMs: nowMs, isSynced: false });
  }

  /** `wasSynced`: what the lost heartbeat said along with it is said with the next. */
  beatLost(wasSynced: boolean): void {
    this.change({ isSynced: this.isSynced || wasSynced });
  }

  rejected(reason: Rejection, address: string | null): void {
    const count = (this.rejectedHandshakes?.count ?? 0) + 1;
    this.change({ rejectedHandshakes: { count, reason, address }, isRejectionDue: true });
  }

  rejectionSent(nowMs: number): void {
    if (!this.isRejectionDue) throw new Error('a rejected handshake was told that was not due');
    this.change({ isRejectionDue: false, rejectionKeptMs: nowMs });
  }

  rejectionLost(): void {
    this.change({ isRejectionDue: true });
  }

  /** A tunnel began. */
  accepted(): void {
    this.change({ rejectedHandshakes: null });
  }

  /** Runs one recording at a time; a second one while it runs is a fault of the caller. */
  async recording(record: () => Promise<void>): Promise<void> {
    if (this.isRecording) throw new Error('an agent is recorded twice at a time');
    this.change({ isRecording: true });
    try {
      await record();
    } finally {
      this.change({ isRecording: false });
    }
  }

  private change(next: Partial<Writable<Omit<AgentBacklog, 'budget'>>>): void {
    Object.assign(this, next);
  }
}
