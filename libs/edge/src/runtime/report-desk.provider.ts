import { Injectable } from '@nestjs/common';
import { Clock } from '@app/kernel';
import type { AgentSynced } from '../events/index.js';
import type { Held, Post } from './post.js';
import { differenceOf } from '../report-difference.js';
import { type Cost, type ReportChanged, type ReportFull } from '../tunnel.protocol.js';
import { costOf, takeCost, takeReport } from './report-book.js';
import type { TunnelEar } from './tunnel.adapter.js';

/** Costs are taken of so many days around today: an agent whose clock is wrong says nothing of the year 9999. */
const DAYS_AROUND = 2;
const DAY_MS = 24 * 3_600_000;

/** Takes what agents report, says that it was taken, and leaves what is to be written. */
@Injectable()
export class ReportDesk {
  constructor(private readonly clock: Clock) {}

  take(post: Post, held: Held, frame: Parameters<TunnelEar['frame']>[1]): void {
    switch (frame.type) {
      case 'report':
      case 'report_full':
        return this.takeReport(post, held, frame);
      case 'cost':
        return this.takeCost(post, held, frame);
      case 'result': // Nothing is called yet that a result could belong to.
      case 'error': // For whoever reads the log of the agent.
      case 'goodbye':
    }
  }

  private takeReport(post: Post, held: Held, frame: ReportChanged | ReportFull): void {
    if (post.book === null) return;
    const { book, isNew, isMissing } = takeReport(post.book, frame, this.clock.wallMs());
    held.tunnel.send({ type: 'ack', seq: book.seq ?? 0, full: isMissing });
    if (!isNew) return;
    post.book = book;
    held.lastSyncMs = this.clock.nowMs();
    post.isSynced = true;
    if (frame.type === 'report_full') held.fullReportMs ??= held.lastSyncMs;
    if (book.gateways === null || book.report === null) return;
    const gateways = post.flaps.shown([...book.gateways.values()], held.lastSyncMs);
    const sync: AgentSynced = { agent_id: post.agentId, session_id: held.sessionId, ...book.report, gateways };
    if (post.sync === null || differenceOf(post.sync, sync) === 'content') post.areGatewaysDue = true;
    post.sync = sync;
  }

  private takeCost(post: Post, held: Held, frame: Cost): void {
    if (post.book === null) return;
    const { book, isNew, isMissing } = takeCost(post.book, frame);
    held.tunnel.send({ type: 'ack', seq: book.seq ?? 0, full: isMissing });
    if (!isNew) return;
    post.book = book;
    if (Math.abs(Date.parse(frame.day) - this.clock.wallMs()) > DAYS_AROUND * DAY_MS) return;
    const known = post.costs.get(frame.day);
    const wanted = costOf(post.agentId, frame);
    if (known !== undefined && JSON.stringify(known.wanted) === JSON.stringify(wanted)) return;
    post.costs.set(frame.day, { wanted, asked: known?.asked ?? null });
    for (const day of [...post.costs.keys()].sort().slice(0, -DAYS_AROUND)) post.costs.delete(day);
  }
}
