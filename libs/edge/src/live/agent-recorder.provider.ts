import { Injectable } from '@nestjs/common';
import { Telemetry } from '@app/event-store';
import { Clock, isRefusal, newEvent } from '@app/kernel';
import { type AgentSynced, type CostRecorded, HeartbeatReceived } from '../events/index.js';
import { differenceOf } from '../report-difference.js';
import { AGENT_POLICY } from '../status/agent-policy.js';
import { closeTunnel } from '../write/close-tunnel/close-tunnel.decide.js';
import { recordCost } from '../write/record-cost/record-cost.decide.js';
import { recordGateways } from '../write/record-gateways/record-gateways.decide.js';
import { recordSync } from '../write/record-sync/record-sync.decide.js';
import { tokenOf } from './agent-watch.provider.js';
import { EDGE, LogWriter } from './log-writer.provider.js';
import type { Post } from './post.js';
import { Roster } from './roster.provider.js';

/** What only moves numbers is written so often at most, for each agent; what happens, however often it does, so often. */
const GAUGES_MS = 60_000;
const CONTENT_MS = 5_000;
/** Of heartbeats one is kept so often at most, for each agent; so many are on their way to the log at a time. */
const BEAT_MS = 5_000;
const BEATS_AT_ONCE = 256;
const BEAT_TIMEOUT_MS = 5_000;

/** Writes down what tunnels bring: their ends, reports, costs and heartbeats. Frames only leave here what is to be written. */
@Injectable()
export class AgentRecorder {
  private readonly startedMs: number;
  private beats = 0;

  constructor(
    private readonly roster: Roster,
    private readonly writer: LogWriter,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
  ) {
    this.startedMs = clock.nowMs();
  }

  sweep(): void {
    for (const post of this.roster.all()) {
      this.keepBeat(post);
      if (post.isRecording || post.waiting > 0 || this.writer.isResting) continue;
      post.isRecording = true;
      void this.record(post).finally(() => (post.isRecording = false));
    }
  }

  /** Resolves to whether the log has the end of the last tunnel. */
  async recordEnd(post: Post): Promise<boolean> {
    const { ending } = post;
    if (ending === null) return true;
    const written = await this.writer.write(closeTunnel, ending);
    if (written === 'not-now') return false;
    if (post.ending === ending) post.ending = null;
    if (post.tunnel.standing === ending.session_id) post.tunnel = { ...post.tunnel, standing: null };
    if (!isRefusal(written)) post.evidence.end = tokenOf(written.position);
    return true;
  }

  private async record(post: Post): Promise<void> {
    if (post.ending === null && this.isOrphaned(post)) this.bury(post);
    if (!(await this.recordEnd(post)) || post.agent.lifecycle !== 'enrolled') return;
    await this.recordSync(post);
    for (const [day, cost] of post.costs) if (this.isCostDue(post, cost)) await this.recordCost(post, day, cost.wanted);
  }

  /** A tunnel that the log has and nobody holds: the process that did died. */
  private isOrphaned({ tunnel, held }: Post): boolean {
    return tunnel.standing !== null && held === null && this.clock.nowMs() - this.startedMs >= AGENT_POLICY.observerGraceMs;
  }

  private bury(post: Post): void {
    const { standing } = post.tunnel;
    if (standing !== null)
      post.ending = { agent_id: post.agentId, session_id: standing, reason: 'server_lost', close_code: null, connected_ms: null };
  }

  private async recordSync(post: Post): Promise<void> {
    const { sync } = post;
    if (sync === null || post.agent.lifecycle !== 'enrolled') return;
    const { synced } = post.agent;
    const difference = synced === null ? 'content' : differenceOf(synced, sync);
    const sinceMs = this.clock.nowMs() - post.syncWrittenMs;
    if (sinceMs < CONTENT_MS) return;
    if (difference === 'content' || (difference === 'gauges' && sinceMs >= GAUGES_MS)) await this.writeSync(post, sync);
    if (post.areGatewaysDue && (await this.writer.write(recordGateways, { agent_id: post.agentId, gateways: sync.gateways })) !== 'not-now')
      post.areGatewaysDue = post.sync !== sync;
  }

  private async writeSync(post: Post, sync: AgentSynced): Promise<void> {
    const written = await this.writer.write(recordSync, sync);
    if (written === 'not-now' || isRefusal(written)) return;
    post.syncWrittenMs = this.clock.nowMs();
    if (post.agent.lifecycle === 'enrolled') post.agent = { ...post.agent, synced: sync };
  }

  private isCostDue(post: Post, { wanted, written }: { wanted: CostRecorded; written: CostRecorded | null }): boolean {
    return wanted !== written && this.clock.nowMs() - post.costWrittenMs >= (written === null ? 0 : GAUGES_MS);
  }

  private async recordCost(post: Post, day: string, wanted: CostRecorded): Promise<void> {
    const written = await this.writer.write(recordCost, wanted);
    if (written === 'not-now') return;
    post.costWrittenMs = this.clock.nowMs();
    const now = post.costs.get(day);
    if (now !== undefined) post.costs.set(day, { ...now, written: wanted });
  }

  /** Not waited for, and not tried again: the next one comes soon. */
  private keepBeat(post: Post): void {
    const { held } = post;
    const beat = held?.tunnel.beat ?? null;
    const nowMs = this.clock.nowMs();
    if (held === null || beat === null || nowMs - post.beatKeptMs < BEAT_MS || this.beats >= BEATS_AT_ONCE) return;
    const { pulse } = held.tunnel;
    const synced = post.isSynced;
    const event = newEvent(HeartbeatReceived, {
      agent_id: post.agentId,
      session_id: held.sessionId,
      seq: beat.seq,
      sent_at: beat.sent_at as HeartbeatReceived['sent_at'],
      rtt_ms: pulse.rttMs,
      clock_offset_ms: pulse.offsetMs,
      synced,
    });
    held.tunnel.beat = null;
    post.beatKeptMs = nowMs;
    post.isSynced = false;
    this.beats++;
    this.telemetry
      .keep(event, EDGE, BEAT_TIMEOUT_MS)
      .then((position) => (post.evidence.beat = position))
      .catch(() => (post.isSynced ||= synced)) // What was said along with it is said with the next.
      .finally(() => this.beats--);
  }
}
