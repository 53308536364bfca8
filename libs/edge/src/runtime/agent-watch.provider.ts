import { Injectable } from '@nestjs/common';
import { Telemetry } from '@app/event-store';
import { Clock, Position, Tellings, instantAt, isRefusal, newEvent, plainDetails } from '@app/kernel';
import { EvaluationUpdated, type GatewaySnapshot } from '../events/index.js';
import { AGENT_POLICY } from './agent-policy.js';
import { type AgentEvaluation, type Link, type Observation, evaluateAgent, isInTime, isProved } from './agent-status.js';
import { isCorrelatedFailure } from './correlated-failure.js';
import { reconnectBudgetOf } from './reconnect-budget.js';
import { TunnelTimes } from './times.js';
import { changeAgentStatus } from '../write/change-agent-status/change-agent-status.decide.js';
import { EDGE, LogWriter } from './log-writer.provider.js';
import type { Held, AgentSession } from './agent-session.js';
import { AgentRegistry } from './agent-registry.provider.js';

const KEEP_MS = 5_000;

/**
 * Judges agents, and writes down what they came to be. What could not be written is judged again, and written then. Other details of what
 * an agent was said to be already are telemetry.
 */
@Injectable()
export class AgentWatch {
  /** How many have lost their tunnel and may yet come back in time, as of the last sweep. */
  expected = 0;
  private evaluatedMs: number | null = null;
  private readonly tellings = new Tellings();

  constructor(
    private readonly registry: AgentRegistry,
    private readonly writer: LogWriter,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
    private readonly times: TunnelTimes,
  ) {}

  /** Looks at all agents. Called every second; when it was not, what happened in between was seen by nobody. */
  evaluateAll(): void {
    const nowMs = this.clock.nowMs();
    const sinceMs = this.evaluatedMs ?? nowMs;
    this.evaluatedMs = nowMs;
    if (nowMs - sinceMs > AGENT_POLICY.ownLatenessMs) this.excuse(sinceMs, nowMs);
    else this.correlatedFailure(nowMs);
    this.expected = this.expectedAt(nowMs);
    for (const session of this.registry.all()) void this.evaluate(session);
  }

  /** Resolves when what it came to is in the log, if it is news and the log takes it. Who is followed no more is judged no more. */
  async evaluate(agentSession: AgentSession): Promise<void> {
    if (
      !this.registry.isReady ||
      agentSession.agent.lifecycle !== 'enrolled' ||
      agentSession.unreadable.size > 0 ||
      agentSession.isEvaluating
    )
      return;
    const nowMs = this.clock.nowMs();
    const observed = this.observed(agentSession, nowMs);
    const { memory, shown: evaluation } = evaluateAgent(agentSession.memory, observed, nowMs, AGENT_POLICY);
    const { link } = observed;
    agentSession.evaluated(memory, evaluation.status, link === null ? null : isProved(link, nowMs, AGENT_POLICY), nowMs);
    if (evaluation.status === agentSession.said.status && evaluation.reason === agentSession.said.reason)
      return this.tell(agentSession, evaluation, nowMs);
    await agentSession.writingStatus(() => this.say(agentSession, evaluation, agentSession.turned?.atMs ?? nowMs));
  }

  private async say(session: AgentSession, { status, reason, details, expectedBackMs }: AgentEvaluation, sinceMs: number): Promise<void> {
    const heardMs = session.held?.tunnel.heardMs ?? session.heardMs;
    const { tunnel, end, beat } = session.evidence;
    const written = await this.writer.write(changeAgentStatus, {
      agent_id: session.agentId,
      from: session.said.status,
      to: status,
      reason,
      details: plainDetails(details),
      since: instantAt(this.clock, sinceMs),
      last_good_at: heardMs === null ? null : instantAt(this.clock, heardMs),
      expected_back_at: expectedBackMs === null ? null : instantAt(this.clock, expectedBackMs),
      evidence: [tunnel, end, beat].filter((position) => position !== null),
      policy_version: AGENT_POLICY.version,
    });
    // A refusal says that the log has something newer; it is on its way here.
    if (written === 'not-now' || isRefusal(written) || written.position < session.said.position) return;
    session.statusWritten(status, reason, written.position);
    this.tellings.said(session.agentId, { status, reason, details: plainDetails(details), evidence: [] });
  }

  /** Not waited for. Of what the log has already only the details can be news. */
  private tell({ agentId, evidence: { beat } }: AgentSession, { status, reason, details }: AgentEvaluation, nowMs: number): void {
    const evaluated = { status, reason, details: plainDetails(details), evidence: [] };
    if (!this.tellings.isNews(agentId, evaluated, nowMs)) return;
    const event = newEvent(EvaluationUpdated, { agent_id: agentId, ...evaluated, evidence: beat === null ? [] : [beat] });
    this.telemetry.keep(event, EDGE, KEEP_MS).catch(() => this.tellings.failed(agentId)); // It is told with a later evaluation.
  }

  private observed(session: AgentSession, nowMs: number): Observation {
    const { held, loss, duplicates, said } = session;
    return { link: held === null ? null : this.linkOf(held, session, nowMs), loss, duplicates, before: said };
  }

  private linkOf(held: Held, session: AgentSession, nowMs: number): Link {
    const { tunnel, acceptedMs, isReturn, fullReportMs, lastSyncMs } = held;
    const { rtt } = tunnel;
    const { outbox_depth = 0, outbox_capacity = 0, disk_ratio = null } = session.reported?.report ?? {};
    return {
      acceptedMs,
      isReturn,
      fullReportMs,
      lastSyncMs,
      syncMs: this.times.syncS * 1000,
      rttsMs: rtt.rttsMs,
      pongs: rtt.pongs,
      outbox: outbox_capacity === 0 ? 0 : outbox_depth / outbox_capacity,
      clockOffsetMs: rtt.offsetMs,
      disk: disk_ratio,
      gateways: gatewaysShown(session, nowMs),
    };
  }

  /** When too much breaks at once for all of it to be true, none of it is told as if it were. */
  private correlatedFailure(nowMs: number): void {
    const sessions = [...this.registry.all()];
    const broken = sessions.flatMap(({ loss }) => (loss?.how === 'broken' ? [loss.atMs] : []));
    if (!isCorrelatedFailure(broken, sessions.filter(({ held }) => held !== null).length, nowMs, AGENT_POLICY)) return;
    const isOfNow = ({ loss }: AgentSession): boolean =>
      loss?.how === 'broken' && nowMs - loss.atMs < AGENT_POLICY.correlatedFailure.withinMs;
    this.unobserved(sessions.filter(isOfNow), nowMs, 'doubted');
  }

  /** After a pause of this process itself: no deadline that passed meanwhile is anybody's fault. */
  private excuse(sinceMs: number, nowMs: number): void {
    const sessions = [...this.registry.all()];
    for (const { held } of sessions) held?.tunnel.excuse(nowMs);
    const isOfThen = ({ loss }: AgentSession): boolean =>
      (loss?.how === 'broken' && loss.atMs >= sinceMs - AGENT_POLICY.graceMs) || loss?.how === 'unobserved';
    this.unobserved(sessions.filter(isOfThen), nowMs, 'slept');
  }

  private unobserved(sessions: readonly AgentSession[], atMs: number, lost: string): void {
    const { graceMs } = reconnectBudgetOf(Math.max(sessions.length, this.expectedAt(atMs)), this.times, AGENT_POLICY);
    for (const session of sessions) session.unobserved({ how: 'unobserved', atMs, graceMs, lost });
  }

  private expectedAt(nowMs: number): number {
    return [...this.registry.all()].filter(({ held, loss }) => held === null && isInTime(loss, nowMs, AGENT_POLICY)).length;
  }
}

/** Time alone can end the flapping of a gateway: what is to be written of it follows. */
function gatewaysShown(session: AgentSession, nowMs: number): readonly GatewaySnapshot[] {
  const {
    reported,
    backlog: { sync },
  } = session;
  const shown = session.flaps.shown([...(reported?.gateways?.values() ?? [])], nowMs);
  if (sync !== null && sync.gateways.length === shown.length && shown.some(({ state }, i) => state !== sync.gateways[i]?.state))
    session.backlog.gatewaysMoved(shown);
  return shown;
}

export const tokenOf = (facts: number): string => new Position({ facts }).format();
