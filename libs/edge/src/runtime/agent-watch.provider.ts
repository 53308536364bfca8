import { Injectable } from '@nestjs/common';
import { Telemetry } from '@app/event-store';
import { Clock, Position, Tellings, instantAt, isRefusal, newEvent, plainDetails } from '@app/kernel';
import { EvaluationUpdated, type GatewaySnapshot } from '../events/index.js';
import { AGENT_POLICY } from './agent-policy.js';
import { type AgentVerdict, type Link, type Seen, evaluateAgent, isInTime, isProved } from './agent-status.js';
import { isDoubted } from './doubt.js';
import { returningOf } from './returning.js';
import { TunnelTimes } from './times.js';
import { changeAgentStatus } from '../write/change-agent-status/change-agent-status.decide.js';
import { EDGE, LogWriter } from './log-writer.provider.js';
import type { Held, Post } from './post.js';
import { Roster } from './roster.provider.js';

const KEEP_MS = 5_000;

/**
 * Judges agents, and writes down what they came to be. What could not be written is judged again, and written then. Other details of what
 * an agent was said to be already are telemetry.
 */
@Injectable()
export class AgentWatch {
  /** How many have lost their tunnel and may yet come back in time, as of the last sweep. */
  expected = 0;
  private sweptMs: number | null = null;
  private readonly tellings = new Tellings();

  constructor(
    private readonly roster: Roster,
    private readonly writer: LogWriter,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
    private readonly times: TunnelTimes,
  ) {}

  /** Looks at all agents. Called every second; when it was not, what happened in between was seen by nobody. */
  sweep(): void {
    const nowMs = this.clock.nowMs();
    const sinceMs = this.sweptMs ?? nowMs;
    this.sweptMs = nowMs;
    if (nowMs - sinceMs > AGENT_POLICY.ownLatenessMs) this.excuse(sinceMs, nowMs);
    else this.doubt(nowMs);
    this.expected = this.expectedAt(nowMs);
    for (const post of this.roster.all()) void this.judge(post);
  }

  /** Resolves when what it came to is in the log, if it is news and the log takes it. Who is followed no more is judged no more. */
  async judge(post: Post): Promise<void> {
    if (!this.roster.isReady || post.agent.lifecycle !== 'enrolled' || post.doubts.size > 0 || post.isJudging) return;
    const nowMs = this.clock.nowMs();
    const seen = this.seen(post, nowMs);
    const { memory, shown: verdict } = evaluateAgent(post.memory, seen, nowMs, AGENT_POLICY);
    post.memory = memory;
    if (seen.link !== null) post.isProved = isProved(seen.link, nowMs, AGENT_POLICY);
    if (post.turned?.status !== verdict.status) post.turned = { status: verdict.status, atMs: nowMs };
    if (verdict.status === post.said.status && verdict.reason === post.said.reason) return this.tell(post, verdict, nowMs);
    post.isJudging = true;
    await this.say(post, verdict, post.turned.atMs);
    post.isJudging = false;
  }

  private async say(post: Post, { status, reason, details, expectedBackMs }: AgentVerdict, sinceMs: number): Promise<void> {
    const heardMs = post.held?.tunnel.heardMs ?? post.heardMs;
    const { tunnel, end, beat } = post.evidence;
    const written = await this.writer.write(changeAgentStatus, {
      agent_id: post.agentId,
      from: post.said.status,
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
    if (written === 'not-now' || isRefusal(written) || written.position < post.said.position) return;
    post.said = { status, reason, position: written.position };
    this.tellings.said(post.agentId, { status, reason, details: plainDetails(details), evidence: [] });
  }

  /** Not waited for. Of what the log has already only the details can be news. */
  private tell({ agentId, evidence: { beat } }: Post, { status, reason, details }: AgentVerdict, nowMs: number): void {
    const evaluated = { status, reason, details: plainDetails(details), evidence: [] };
    if (!this.tellings.isNews(agentId, evaluated, nowMs)) return;
    const event = newEvent(EvaluationUpdated, { agent_id: agentId, ...evaluated, evidence: beat === null ? [] : [beat] });
    this.telemetry.keep(event, EDGE, KEEP_MS).catch(() => this.tellings.failed(agentId)); // It is told with a later evaluation.
  }

  private seen(post: Post, nowMs: number): Seen {
    const { held, loss, twins, said } = post;
    return { link: held === null ? null : this.linkOf(held, post, nowMs), loss, twins, before: said };
  }

  private linkOf(held: Held, post: Post, nowMs: number): Link {
    const { tunnel, acceptedMs, isReturn, fullReportMs, lastSyncMs } = held;
    const { pulse } = tunnel;
    const { outbox_depth = 0, outbox_capacity = 0, disk_ratio = null } = post.book?.report ?? {};
    return {
      acceptedMs,
      isReturn,
      fullReportMs,
      lastSyncMs,
      syncMs: this.times.syncS * 1000,
      rttsMs: pulse.rttsMs,
      pongs: pulse.pongs,
      outbox: outbox_capacity === 0 ? 0 : outbox_depth / outbox_capacity,
      clockOffsetMs: pulse.offsetMs,
      disk: disk_ratio,
      gateways: gatewaysShown(post, nowMs),
    };
  }

  /** When too much breaks at once for all of it to be true, none of it is told as if it were. */
  private doubt(nowMs: number): void {
    const posts = [...this.roster.all()];
    const broken = posts.flatMap(({ loss }) => (loss?.how === 'broken' ? [loss.atMs] : []));
    if (!isDoubted(broken, posts.filter(({ held }) => held !== null).length, nowMs, AGENT_POLICY)) return;
    const isOfNow = ({ loss }: Post): boolean => loss?.how === 'broken' && nowMs - loss.atMs < AGENT_POLICY.doubt.withinMs;
    this.unobserved(posts.filter(isOfNow), nowMs, 'doubted');
  }

  /** After a pause of this process itself: no deadline that passed meanwhile is anybody's fault. */
  private excuse(sinceMs: number, nowMs: number): void {
    const posts = [...this.roster.all()];
    for (const { held } of posts) held?.tunnel.excuse(nowMs);
    const isOfThen = ({ loss }: Post): boolean =>
      (loss?.how === 'broken' && loss.atMs >= sinceMs - AGENT_POLICY.graceMs) || loss?.how === 'unobserved';
    this.unobserved(posts.filter(isOfThen), nowMs, 'slept');
  }

  private unobserved(posts: readonly Post[], atMs: number, lost: string): void {
    const { graceMs } = returningOf(Math.max(posts.length, this.expectedAt(atMs)), this.times, AGENT_POLICY);
    for (const post of posts) post.loss = { how: 'unobserved', atMs, graceMs, lost };
  }

  private expectedAt(nowMs: number): number {
    return [...this.roster.all()].filter(({ held, loss }) => held === null && isInTime(loss, nowMs, AGENT_POLICY)).length;
  }
}

/** Time alone can end the flapping of a gateway: what is to be written of it follows. */
function gatewaysShown(post: Post, nowMs: number): readonly GatewaySnapshot[] {
  const { book, sync } = post;
  const shown = post.flaps.shown([...(book?.gateways?.values() ?? [])], nowMs);
  if (sync !== null && sync.gateways.length === shown.length && shown.some(({ state }, i) => state !== sync.gateways[i]?.state)) {
    post.sync = { ...sync, gateways: shown };
    post.areGatewaysDue = true;
  }
  return shown;
}

export const tokenOf = (facts: number): string => new Position({ facts }).format();
