import { Injectable } from '@nestjs/common';
import { Telemetry } from '@app/event-store';
import { Clock, type NewEvent, isRefusal, newEvent } from '@app/kernel';
import { type AgentSynced, type CostRecorded, type DayUse, GaugesReceived, HandshakeRejected, HeartbeatReceived } from '../events/index.js';
import { isArchived } from '../agent.stream.js';
import { differenceOf } from '../report-difference.js';
import { AGENT_POLICY } from './agent-policy.js';
import { closeTunnel } from '../write/close-tunnel/close-tunnel.decide.js';
import { COST_MS, isClosed, recordCost } from '../write/record-cost/record-cost.decide.js';
import { recordGateways } from '../write/record-gateways/record-gateways.decide.js';
import { recordSync } from '../write/record-sync/record-sync.decide.js';
import { unarchiveAgent } from '../write/unarchive-agent/unarchive-agent.decide.js';
import { tokenOf } from './agent-watch.provider.js';
import { EDGE, LogWriter } from './log-writer.provider.js';
import type { CostDue } from './agent-backlog.js';
import type { AgentSession } from './agent-session.js';
import { AgentRegistry } from './agent-registry.provider.js';

/** What happens, however often it does, is written so often at most, for each agent. */
const CONTENT_MS = 5_000;
/** Of heartbeats one is kept so often at most, for each agent; of numbers that move, so often. */
const BEAT_MS = 5_000;
const GAUGES_MS = 60_000;
/** Rejected handshakes are told so often at most, for each agent. */
const REJECTION_MS = 60_000;
/** So many events of telemetry are on their way to the log at a time, each for so long at most. */
const KEPT_AT_ONCE = 256;
const KEEP_TIMEOUT_MS = 5_000;

/** Writes down what tunnels bring: their ends, reports, numbers, costs and heartbeats. Frames only leave here what is to be written. */
@Injectable()
export class AgentRecorder {
  private readonly startedMs: number;
  private underWay = 0;

  constructor(
    private readonly registry: AgentRegistry,
    private readonly writer: LogWriter,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
  ) {
    this.startedMs = clock.nowMs();
  }

  writeDue(): void {
    for (const session of this.registry.all()) {
      this.keepBeat(session);
      this.keepGauges(session);
      this.keepRejection(session);
      if (session.backlog.isRecording || session.waiting > 0 || session.unreadable.size > 0 || this.writer.isResting) continue;
      void session.backlog.recording(() => this.record(session));
    }
  }

  /** Resolves to whether the log has the end of the last tunnel. */
  async recordEnd(agentSession: AgentSession): Promise<boolean> {
    const { ending } = agentSession;
    if (ending === null) return true;
    const written = await this.writer.write(closeTunnel, ending);
    if (written === 'not-now') return false;
    agentSession.endWritten(ending, isRefusal(written) ? null : tokenOf(written.position));
    return true;
  }

  private async record(session: AgentSession): Promise<void> {
    if (session.ending === null && this.isOrphaned(session)) session.orphaned();
    if (!(await this.recordEnd(session)) || session.agent.lifecycle !== 'enrolled') return;
    await this.endArchive(session);
    await this.recordSync(session);
    for (const [day, cost] of session.backlog.costs) if (this.isCostDue(day, cost)) await this.recordCost(session, day, cost.wanted);
  }

  /** A tunnel that the log has and nobody holds: the process that did died. */
  private isOrphaned({ tunnel, held }: AgentSession): boolean {
    return tunnel.openSession !== null && held === null && this.clock.nowMs() - this.startedMs >= AGENT_POLICY.observerGraceMs;
  }

  /** A tunnel that was opened after the agent was archived: what is connected must not be out of sight. */
  private async endArchive({ agentId, agent, held, tunnelPosition, archivedPosition }: AgentSession): Promise<void> {
    if (!isArchived(agent) || held === null || tunnelPosition < archivedPosition) return;
    await this.writer.write(unarchiveAgent, { agent_id: agentId, reason: 'connected' });
  }

  private async recordSync(session: AgentSession): Promise<void> {
    const { backlog } = session;
    const { sync } = backlog;
    if (sync === null || session.agent.lifecycle !== 'enrolled') return;
    const { synced } = session.agent;
    const difference = synced === null ? 'content' : differenceOf(synced, sync);
    const nowMs = this.clock.nowMs();
    if (nowMs - backlog.syncWrittenMs < CONTENT_MS || !backlog.budget.isOpen(nowMs)) return;
    if (difference === 'content') await this.writeSync(session, sync);
    if (backlog.areGatewaysDue) await this.writeGateways(session, sync);
  }

  private async writeGateways(session: AgentSession, sync: AgentSynced): Promise<void> {
    let facts = 0;
    const counted: typeof recordGateways = {
      ...recordGateways,
      decide: (known, asked) => {
        const told = recordGateways.decide(known, asked);
        facts = isRefusal(told) ? 0 : told.length;
        return told;
      },
    };
    const written = await this.writer.write(counted, { agent_id: session.agentId, gateways: sync.gateways });
    session.backlog.budget.spend(facts, this.clock.nowMs()); // Also when it is unknown whether they were stored.
    if (written !== 'not-now') session.backlog.gatewaysWritten(sync);
  }

  private async writeSync(session: AgentSession, sync: AgentSynced): Promise<void> {
    const written = await this.writer.write(recordSync, sync);
    if (written === 'not-now' || isRefusal(written)) return;
    session.syncWritten(sync, this.clock.nowMs());
  }

  private isCostDue(day: string, { wanted, asked }: CostDue): boolean {
    if (asked === null) return true;
    const nowMs = this.clock.wallMs();
    return isClosed(day, asked.atMs, nowMs) || (asked.cost !== wanted && nowMs - asked.atMs >= COST_MS);
  }

  private async recordCost(session: AgentSession, day: string, wanted: CostRecorded): Promise<void> {
    const written = await this.writer.write(recordCost, wanted);
    if (written !== 'not-now') session.backlog.costWritten(day, wanted, this.clock.wallMs());
  }

  /** At once, then once a minute: anybody who knows the id of an agent can be rejected in its name. */
  private keepRejection(session: AgentSession): void {
    const { backlog, agentId: agent_id } = session;
    const { rejectedHandshakes: rejected } = backlog;
    const nowMs = this.clock.nowMs();
    if (rejected === null || !backlog.isRejectionDue || nowMs - backlog.rejectionKeptMs < REJECTION_MS || this.underWay >= KEPT_AT_ONCE)
      return;
    backlog.rejectionSent(nowMs);
    this.keep(newEvent(HandshakeRejected, { agent_id, ...rejected })).catch(() => backlog.rejectionLost());
  }

  /** Not waited for, and not tried again: the next one comes soon. */
  private keepBeat(session: AgentSession): void {
    const { held, backlog } = session;
    const beat = held?.tunnel.beat ?? null;
    const nowMs = this.clock.nowMs();
    if (held === null || beat === null || nowMs - backlog.beatKeptMs < BEAT_MS || this.underWay >= KEPT_AT_ONCE) return;
    const { rtt } = held.tunnel;
    const synced = backlog.isSynced;
    const event = newEvent(HeartbeatReceived, {
      agent_id: session.agentId,
      session_id: held.sessionId,
      seq: beat.seq,
      sent_at: beat.sent_at as HeartbeatReceived['sent_at'],
      rtt_ms: rtt.rttMs,
      clock_offset_ms: rtt.offsetMs,
      synced,
    });
    held.tunnel.beat = null;
    backlog.beatSent(nowMs);
    this.keep(event)
      .then((position) => session.beatWritten(position))
      .catch(() => backlog.beatLost(synced));
  }

  /** Not waited for. What the log did not take counts as never said, and is due again a minute later. */
  private keepGauges(session: AgentSession): void {
    const { agent, backlog } = session;
    const { sync, gauges, costs } = backlog;
    if (sync === null || agent.lifecycle !== 'enrolled' || agent.synced === null || this.underWay >= KEPT_AT_ONCE) return;
    const cost = costs.get([...costs.keys()].sort().at(-1) ?? '')?.wanted ?? null;
    const nowMs = this.clock.nowMs();
    const isFirst = gauges.sessionId !== sync.session_id;
    if (!isFirst && (nowMs - gauges.keptMs < GAUGES_MS || (gauges.sync === sync && gauges.cost === cost))) return;
    if (differenceOf(agent.synced, sync) === 'content') return; // A sentence goes with a state, and facts have another state yet.
    const isMoved = gauges.sync === null || gauges.cost !== cost || differenceOf(gauges.sync, sync) !== 'same';
    if (!isFirst && !isMoved) return;
    backlog.gaugesSent(sync, cost, nowMs);
    this.keep(gaugesOf(sync, cost)).catch(() => backlog.gaugesLost());
  }

  private async keep(event: NewEvent): Promise<string> {
    this.underWay++;
    try {
      return await this.telemetry.keep(event, EDGE, KEEP_TIMEOUT_MS);
    } finally {
      this.underWay--;
    }
  }
}

const gaugesOf = (sync: AgentSynced, cost: CostRecorded | null): NewEvent =>
  newEvent(GaugesReceived, {
    agent_id: sync.agent_id,
    session_id: sync.session_id,
    gateways: sync.gateways.map(({ name, latency_ms, sessions, sentence, channels }) => ({
      name,
      latency_ms,
      sessions,
      sentence,
      channels,
    })),
    cpu_ratio: sync.cpu_ratio,
    mem_ratio: sync.mem_ratio,
    disk_ratio: sync.disk_ratio,
    outbox_depth: sync.outbox_depth,
    costs: cost === null ? [] : [useOf(cost)],
  });

const useOf = ({ agent_id: _agentId, ...use }: CostRecorded): DayUse => use;
