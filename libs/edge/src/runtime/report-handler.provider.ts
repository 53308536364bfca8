import { Injectable } from '@nestjs/common';
import { Clock } from '@app/kernel';
import type { AgentSynced } from '../events/index.js';
import type { Held, AgentSession } from './agent-session.js';
import { type Cost, type ReportChanged, type ReportFull } from '../tunnel.protocol.js';
import { costOf, takeCost, takeReport } from './report-state.js';
import type { TunnelEar } from './tunnel.adapter.js';

/** Costs are taken of so many days around today: an agent whose clock is wrong says nothing of the year 9999. */
const DAYS_AROUND = 2;
const DAY_MS = 24 * 3_600_000;

/** Takes what agents report, says that it was taken, and leaves what is to be written. */
@Injectable()
export class ReportHandler {
  constructor(private readonly clock: Clock) {}

  take(session: AgentSession, held: Held, frame: Parameters<TunnelEar['frame']>[1]): void {
    switch (frame.type) {
      case 'report':
      case 'report_full':
        return this.takeReport(session, held, frame);
      case 'cost':
        return this.takeCost(session, held, frame);
      case 'result': // Nothing is called yet that a result could belong to.
      case 'error': // For whoever reads the log of the agent.
      case 'goodbye':
    }
  }

  private takeReport(agentSession: AgentSession, held: Held, frame: ReportChanged | ReportFull): void {
    if (agentSession.reported === null) return;
    const { reported, isNew, isMissing } = takeReport(agentSession.reported, frame, this.clock.wallMs());
    held.tunnel.send({ type: 'ack', seq: reported.seq ?? 0, full: isMissing });
    if (!isNew) return;
    const nowMs = this.clock.nowMs();
    agentSession.reportTaken(reported, { isFull: frame.type === 'report_full', nowMs });
    if (reported.gateways === null || reported.report === null) return;
    const gateways = agentSession.flaps.shown([...reported.gateways.values()], nowMs);
    const sync: AgentSynced = { agent_id: agentSession.agentId, session_id: held.sessionId, ...reported.report, gateways };
    agentSession.backlog.synced(sync);
  }

  private takeCost(session: AgentSession, held: Held, frame: Cost): void {
    if (session.reported === null) return;
    const { reported, isNew, isMissing } = takeCost(session.reported, frame);
    held.tunnel.send({ type: 'ack', seq: reported.seq ?? 0, full: isMissing });
    if (!isNew) return;
    session.costTaken(reported);
    if (Math.abs(Date.parse(frame.day) - this.clock.wallMs()) > DAYS_AROUND * DAY_MS) return;
    const known = session.backlog.costs.get(frame.day);
    const wanted = costOf(session.agentId, frame);
    if (known !== undefined && JSON.stringify(known.wanted) === JSON.stringify(wanted)) return;
    session.backlog.costTold(frame.day, wanted, DAYS_AROUND);
  }
}
