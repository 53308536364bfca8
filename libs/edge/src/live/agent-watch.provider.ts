import { Injectable } from '@nestjs/common';
import { Clock, Position, instantAt, isRefusal, plainText } from '@app/kernel';
import { AGENT_POLICY } from '../status/agent-policy.js';
import { type AgentVerdict, type Link, type Seen, deriveStatus, isInTime, isProved } from '../status/agent-status.js';
import { isDoubted } from '../status/doubt.js';
import { returningOf } from '../status/returning.js';
import { TunnelTimes } from '../tunnel/times.js';
import { changeAgentStatus } from '../write/change-agent-status/change-agent-status.decide.js';
import { LogWriter } from './log-writer.provider.js';
import type { Held, Post } from './post.js';
import { Roster } from './roster.provider.js';

const SENTENCE_LENGTH = 500;
const DOUBTED = 'More than half of all tunnels broke at once: this side is doubted first.';
const SLEPT = 'This side did not run for a moment, and has not heard of it since.';

/** Judges agents, and writes down what they came to be. What could not be written is judged again, and written then. */
@Injectable()
export class AgentWatch {
  /** How many have lost their tunnel and may yet come back in time, as of the last sweep. */
  expected = 0;
  private sweptMs: number | null = null;

  constructor(
    private readonly roster: Roster,
    private readonly writer: LogWriter,
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
    const seen = this.seen(post);
    const verdict = deriveStatus(seen, nowMs, AGENT_POLICY);
    if (seen.link !== null) post.isProved = isProved(seen.link, nowMs, AGENT_POLICY);
    if (post.turned?.status !== verdict.status) post.turned = { status: verdict.status, atMs: nowMs };
    if (verdict.status === post.said.status && verdict.reason === post.said.reason) return;
    post.isJudging = true;
    await this.say(post, verdict, post.turned.atMs);
    post.isJudging = false;
  }

  private async say(post: Post, { status, reason, sentence, expectedBackMs }: AgentVerdict, sinceMs: number): Promise<void> {
    const heardMs = post.held?.tunnel.heardMs ?? post.heardMs;
    const { tunnel, end, beat } = post.evidence;
    const written = await this.writer.write(changeAgentStatus, {
      agent_id: post.agentId,
      from: post.said.status,
      to: status,
      reason,
      sentence: plainText(sentence, SENTENCE_LENGTH),
      since: instantAt(this.clock, sinceMs),
      last_good_at: heardMs === null ? null : instantAt(this.clock, heardMs),
      expected_back_at: expectedBackMs === null ? null : instantAt(this.clock, expectedBackMs),
      evidence: [tunnel, end, beat].filter((position) => position !== null),
      policy_version: AGENT_POLICY.version,
    });
    // A refusal says that the log has something newer; it is on its way here.
    if (written !== 'not-now' && !isRefusal(written) && written.position >= post.said.position)
      post.said = { status, reason, position: written.position };
  }

  private seen({ held, loss, twins, said, book }: Post): Seen {
    return { link: held === null ? null : this.linkOf(held, book), loss, twins, before: said };
  }

  private linkOf({ tunnel: { pulse }, acceptedMs, isReturn, fullReportMs, lastSyncMs }: Held, book: Post['book']): Link {
    const { outbox_depth = 0, outbox_capacity = 0, disk_ratio = null } = book?.report ?? {};
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
      gateways: [...(book?.gateways?.values() ?? [])].map(({ state }) => state),
    };
  }

  /** When too much breaks at once for all of it to be true, none of it is told as if it were. */
  private doubt(nowMs: number): void {
    const posts = [...this.roster.all()];
    const broken = posts.flatMap(({ loss }) => (loss?.how === 'broken' ? [loss.atMs] : []));
    if (!isDoubted(broken, posts.filter(({ held }) => held !== null).length, nowMs, AGENT_POLICY)) return;
    const isOfNow = ({ loss }: Post): boolean => loss?.how === 'broken' && nowMs - loss.atMs < AGENT_POLICY.doubt.withinMs;
    this.unobserved(posts.filter(isOfNow), nowMs, DOUBTED);
  }

  /** After a pause of this process itself: no deadline that passed meanwhile is anybody's fault. */
  private excuse(sinceMs: number, nowMs: number): void {
    const posts = [...this.roster.all()];
    for (const { held } of posts) held?.tunnel.excuse(nowMs);
    const isOfThen = ({ loss }: Post): boolean =>
      (loss?.how === 'broken' && loss.atMs >= sinceMs - AGENT_POLICY.graceMs) || loss?.how === 'unobserved';
    this.unobserved(posts.filter(isOfThen), nowMs, SLEPT);
  }

  private unobserved(posts: readonly Post[], atMs: number, words: string): void {
    const { graceMs } = returningOf(Math.max(posts.length, this.expectedAt(atMs)), this.times, AGENT_POLICY);
    for (const post of posts) post.loss = { how: 'unobserved', atMs, graceMs, words };
  }

  private expectedAt(nowMs: number): number {
    return [...this.roster.all()].filter(({ held, loss }) => held === null && isInTime(loss, nowMs, AGENT_POLICY)).length;
  }
}

export const tokenOf = (facts: number): string => new Position({ facts }).format();
