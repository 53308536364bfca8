import { Injectable } from '@nestjs/common';
import { InstanceKey } from '@app/config';
import { OwnAddresses, PublicOptions } from '@app/http';
import { Clock, type Instant, instantAt, isRefusal } from '@app/kernel';
import { v7 } from 'uuid';
import type { WebSocket } from 'ws';
import type { Rejection, Remote, SessionId } from '../events/index.js';
import { AgentRecorder } from './agent-recorder.provider.js';
import { AgentWatch, tokenOf } from './agent-watch.provider.js';
import { LogWriter } from './log-writer.provider.js';
import type { Held, Post } from './post.js';
import { Roster } from './roster.provider.js';
import type { Pinged } from '../ping.rpc.js';
import { AGENT_POLICY } from './agent-policy.js';
import { isInTime } from './agent-status.js';
import { returningOf } from './returning.js';
import { introduced, isAlone, twinsAmong } from './twins.js';
import { type CloseReason, type Hello, PROTO, SERVER_CAPABILITIES, type SaidCause, verifyHello } from '../tunnel.protocol.js';
import { openTunnel } from '../write/open-tunnel/open-tunnel.decide.js';
import { lossOf } from './loss-of.js';
import { MAX_OPENED, untilOneMore } from './opened.js';
import { reject } from './rejections.js';
import { ReportDesk } from './report-desk.provider.js';
import { newBook } from './report-book.js';
import { Strangers } from './strangers.js';
import { TunnelTimes } from './times.js';
import { type End, Tunnel, type TunnelEar } from './tunnel.adapter.js';

/** Pause of a held agent before it asks again, ms: an admin may have released it by then. */
const HELD_RETRY_MS = 60_000;
/** Of one agent so many tunnels may be on their way to be opened. */
const MAX_OPENING = 3;
/** Maximum sockets, those of strangers among them. */
const MAX_TUNNELS = 20_000;
/** Two with one identity try again so late. */
const TWIN_RETRY_MS = 60_000;
/** An agent that is refused since a message about it cannot be read tries again after this time. */
const DOUBT_RETRY_MS = 30_000;
const PING_TIMEOUT_MS = 5_000;
/** Nobody comes again sooner. */
const LEAST_RETURN_MS = 500;
const LEAST_RETRY_MS = 1_000;

/** All tunnels: who may have one, which one of two stands, and how each began and ended. */
@Injectable()
export class TunnelHall implements TunnelEar {
  /** Those that have not ended, and those whose socket has not; with whom each is known to be. */
  private readonly tunnels = new Map<Tunnel, Post | null>();
  private readonly addresses: OwnAddresses;
  private readonly strangers: Strangers;
  private isClosing = false;
  private readonly empty = Promise.withResolvers<void>();

  constructor(
    private readonly roster: Roster,
    private readonly watch: AgentWatch,
    private readonly recorder: AgentRecorder,
    private readonly reports: ReportDesk,
    private readonly writer: LogWriter,
    private readonly clock: Clock,
    private readonly times: TunnelTimes,
    private readonly instanceKey: InstanceKey,
    options: PublicOptions,
  ) {
    this.addresses = new OwnAddresses(options);
    this.strangers = new Strangers(times);
    roster.whenRevoked((post) => post.held?.tunnel.close('revoked', 'revoked'));
    roster.whenInDoubt((post) => post.held?.tunnel.close('unavailable', 'server_drain', DOUBT_RETRY_MS));
    roster.whenLost(() => this.sendAway('unavailable'));
  }

  /** Whether one more socket may be taken. */
  get hasRoom(): boolean {
    return !this.isClosing && this.roster.isReady && this.instanceKey.isKnown && this.tunnels.size < MAX_TUNNELS && this.strangers.hasRoom;
  }

  /** Whether this network may begin one more handshake; it counts then. */
  admits(network: string): boolean {
    return this.hasRoom && this.strangers.begin(network, this.clock.nowMs());
  }

  /** When one that is turned away may come again; each time another moment, and the later the more are still to come. */
  get retryMs(): number {
    const expected = this.roster.isReady ? this.watch.expected : this.roster.size;
    return LEAST_RETRY_MS + Math.random() * returningOf(expected, this.times, AGENT_POLICY).retryMs;
  }

  welcome(socket: WebSocket, { remote, network }: { readonly remote: Remote; readonly network: string }): void {
    const tunnel = new Tunnel(socket, remote, this.clock, this.times, this);
    this.tunnels.set(tunnel, null);
    this.strangers.enter(tunnel, network);
  }

  tick(): void {
    const nowMs = this.clock.nowMs();
    for (const tunnel of this.tunnels.keys()) tunnel.tick(nowMs);
  }

  hello(tunnel: Tunnel, hello: Hello): void {
    const { agent_id } = hello;
    const post = this.roster.get(agent_id);
    const agent = post?.agent;
    if (post !== undefined && post.doubts.size > 0) return tunnel.close('unavailable', 'refused', DOUBT_RETRY_MS);
    if (post === undefined || agent === undefined || agent.lifecycle === 'unknown') return tunnel.close('unauthorised', 'refused');
    if (!this.isSigned(post, tunnel, hello, agent.public_key)) return;
    if (agent.lifecycle === 'revoked') return this.turnAway(post, tunnel, 'revoked', 'revoked');
    if (agent.lifecycle === 'held') return this.turnAway(post, tunnel, 'held', 'too_many', HELD_RETRY_MS, { cause: 'held' });
    if (hello.proto.min > PROTO || hello.proto.max < PROTO) return this.turnAway(post, tunnel, 'version_unsupported', 'no_common_protocol');
    if (this.isTwin(post, tunnel, hello)) return;
    if (post.waiting >= MAX_OPENING) return tunnel.close('too_many', 'refused', 1_000);
    this.tunnels.set(tunnel, post);
    const nowMs = this.clock.nowMs();
    this.strangers.introduce(tunnel, nowMs, { isCounted: untilOneMore(post, nowMs) > 0 });
    post.waiting++;
    post.line = post.line.then(() => this.open(post, tunnel, hello)).finally(() => post.waiting--);
  }

  frame(tunnel: Tunnel, frame: Parameters<TunnelEar['frame']>[1]): void {
    const post = this.tunnels.get(tunnel);
    if (post?.held?.tunnel === tunnel) this.reports.take(post, post.held, frame);
  }

  ended(tunnel: Tunnel, end: End): void {
    const post = this.tunnels.get(tunnel);
    if (post?.held?.tunnel === tunnel) this.lose(post, post.held, end);
  }

  gone(tunnel: Tunnel): void {
    this.strangers.leave(tunnel);
    this.tunnels.delete(tunnel);
    if (this.isClosing && this.tunnels.size === 0) this.empty.resolve();
  }

  /** Asks an agent whether it is there. undefined: another process may hold its tunnel. */
  async ping(agentId: string): Promise<Pinged | undefined> {
    const post = this.roster.get(agentId);
    const held = post?.held ?? null;
    if (held === null) {
      if (!this.roster.isReady || (post !== undefined && post.tunnel.standing !== null && post.ending === null)) return undefined;
      return { ok: false, rtt_ms: null, sentence: 'The agent is not connected.' };
    }
    const timeout = Promise.withResolvers<null>();
    const callOff = this.clock.after(PING_TIMEOUT_MS, () => timeout.resolve(null));
    const rttMs = await Promise.race([held.tunnel.pulse.ask(this.clock.nowMs()), timeout.promise]);
    callOff();
    if (rttMs === null) return { ok: false, rtt_ms: null, sentence: `The agent did not answer within ${PING_TIMEOUT_MS / 1000} s.` };
    const rtt_ms = Math.round(rttMs * 10) / 10;
    return { ok: true, rtt_ms, sentence: `The agent answered in ${rtt_ms} ms.` };
  }

  /** Takes nobody any more, sends everybody away, and writes down that they stood. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.sendAway('restart');
    if (this.tunnels.size === 0) this.empty.resolve();
    await this.empty.promise;
    await this.settled();
  }

  /** What is left when its time is over. */
  terminate(): void {
    for (const tunnel of this.tunnels.keys()) tunnel.terminate();
  }

  /** Each with another moment to come back. */
  private sendAway(reason: 'restart' | 'unavailable'): void {
    const posts = [...this.roster.all()].filter(({ held }) => held !== null);
    const { spreadMs } = returningOf(posts.length, this.times, AGENT_POLICY);
    for (const tunnel of this.tunnels.keys())
      tunnel.close(reason, 'server_drain', LEAST_RETURN_MS + Math.random() * (spreadMs - LEAST_RETURN_MS));
  }

  /** Resolves when nothing is under way for any agent. What ends by then may add to the line of its agent: a tunnel that was being opened. */
  private async settled(): Promise<void> {
    const posts = [...this.roster.all()];
    const lines = posts.map(({ line }) => line);
    await Promise.all(lines);
    if (posts.some(({ line }, i) => line !== lines[i])) await this.settled();
  }

  /**
   * Whether a hello is signed by its agent, for an address of this instance: the one the agent says it was given, and not Host, which a
   * proxy may write. An agent of before says none, and is asked whether it signed for any of ours.
   */
  private isSigned(post: Post, tunnel: Tunnel, { agent_id, boot_id, signature, address }: Hello, publicKey: string): boolean {
    const nowMs = this.clock.wallMs();
    const asked = address === undefined ? null : (URL.parse(address)?.host ?? '');
    const authorities = asked === null ? this.addresses.accepted(nowMs) : [asked];
    const isIts = authorities.some((authority) => verifyHello(publicKey, { nonce: tunnel.nonce, agent_id, boot_id, authority }, signature));
    const verdict = asked === null || !isIts ? 'own' : this.addresses.verdict(asked, nowMs);
    if (!isIts) this.turnAway(post, tunnel, 'signature_invalid', 'unauthorised');
    else if (verdict !== 'own') {
      const why = { cause: verdict === 'foreign' ? 'wrong_address' : 'address_ended', address: this.addresses.publicUrl } as const;
      reject(post, verdict === 'foreign' ? 'address_mismatch' : 'address_ended', address ?? null);
      tunnel.close('unauthorised', 'refused', null, why);
    }
    return isIts && verdict === 'own';
  }

  private turnAway(
    post: Post,
    tunnel: Tunnel,
    rejection: Rejection,
    reason: CloseReason,
    retryMs: number | null = null,
    why?: SaidCause,
  ): void {
    reject(post, rejection);
    tunnel.close(reason, 'refused', retryMs, why);
  }

  private isTwin(post: Post, tunnel: Tunnel, { boot_id: bootId, hostname }: Hello): boolean {
    const nowMs = this.clock.nowMs();
    post.introductions = introduced(post.introductions, { bootId, hostname, atMs: nowMs }, AGENT_POLICY);
    if (post.twins !== null && isAlone(post.introductions)) post.twins = null;
    const hostnames = post.twins?.hostnames ?? twinsAmong(post.introductions, AGENT_POLICY);
    if (hostnames === null) return false;
    post.twins = { hostnames, heardMs: nowMs };
    const retryMs = TWIN_RETRY_MS * (1 + Math.random() / 2);
    this.turnAway(post, tunnel, 'duplicate_identity', 'too_many', retryMs, { cause: 'duplicate_identity' });
    post.held?.tunnel.close('too_many', 'duplicate_identity', retryMs, { cause: 'duplicate_identity' });
    void this.watch.judge(post);
    return true;
  }

  /** Stands in the line of its agent, so that of two that come at once the later one stands. */
  private async open(post: Post, tunnel: Tunnel, hello: Hello): Promise<void> {
    if (tunnel.end !== null) return;
    const waitMs = untilOneMore(post, this.clock.nowMs());
    if (waitMs > 0) return this.turnAway(post, tunnel, 'rate_limited', 'too_many', waitMs);
    const { agentId, held } = post;
    const sessionId = v7() as SessionId;
    const { version, hostname, os, started_at, instance_uid, boot_id } = hello;
    const from = { remote: tunnel.remote, version, hostname, os, started_at: started_at as Instant, instance_uid, boot_id };
    const standing = held && { session_id: held.sessionId, connected_ms: Math.max(0, Math.round(this.clock.nowMs() - held.acceptedMs)) };
    const written = (await this.recorder.recordEnd(post))
      ? await this.writer.write(
          openTunnel,
          { agent_id: agentId, session_id: sessionId, ...from, held: standing },
          { actor: `agent:${agentId}`, commandId: sessionId },
        )
      : 'not-now';
    if (written === 'not-now' || isRefusal(written)) return tunnel.close('unavailable', 'refused', this.retryMs);
    this.adopt(post, tunnel, sessionId, boot_id, written.position);
    if (post.held !== null) await this.watch.judge(post);
  }

  /** The log has it: from here on this is the tunnel of its agent. When it ended in the meantime, nobody will say so any more. */
  private adopt(post: Post, tunnel: Tunnel, sessionId: SessionId, bootId: string, position: number): void {
    const nowMs = this.clock.nowMs();
    const former = post.held;
    const isReturn = post.isProved && (former !== null || isInTime(post.loss, nowMs, AGENT_POLICY));
    post.tunnel = { epoch: post.tunnel.epoch + 1, standing: sessionId };
    post.tunnelPosition = Math.max(post.tunnelPosition, position);
    post.evidence = { tunnel: tokenOf(position), end: null, beat: null };
    post.openedMs = [...post.openedMs, nowMs].slice(-MAX_OPENED);
    post.held = { tunnel, sessionId, acceptedMs: nowMs, isReturn, fullReportMs: null, lastSyncMs: null };
    post.loss = null;
    post.rejected = null;
    if (post.book?.bootId !== bootId) post.book = newBook(bootId);
    former?.tunnel.close('superseded', 'superseded');
    if (tunnel.end !== null) return this.lose(post, post.held, tunnel.end);
    if (post.agent.lifecycle === 'revoked') return tunnel.close('revoked', 'revoked');
    if (post.agent.lifecycle === 'held') return tunnel.close('too_many', 'refused', HELD_RETRY_MS, { cause: 'held' });
    tunnel.welcome({
      type: 'welcome',
      session_id: sessionId,
      epoch: post.tunnel.epoch,
      heartbeat_s: this.times.heartbeatS,
      sync_s: this.times.syncS,
      desired: { version: null },
      server_time: instantAt(this.clock, nowMs),
      instance_key: this.instanceKey.publicKey ?? undefined,
      capabilities: [...SERVER_CAPABILITIES],
    });
  }

  /** The tunnel that stood of an agent has ended. */
  private lose(post: Post, { tunnel, sessionId: session_id, acceptedMs }: Held, end: End): void {
    const { reason, closeCode: close_code } = end;
    if (reason === 'superseded' || reason === 'refused') return; // Of one that stands neither is said.
    const nowMs = this.clock.nowMs();
    const connected_ms = Math.max(0, Math.round(nowMs - acceptedMs));
    post.held = null;
    post.heardMs = tunnel.heardMs;
    post.loss = lossOf(end, nowMs);
    post.ending = { agent_id: post.agentId, session_id, reason, close_code, connected_ms };
    post.line = post.line.then(() => this.settle(post));
  }

  /** The end first, since the verdict names it; a break is judged by the next sweep, which sees how many there were at once. */
  private async settle(post: Post): Promise<void> {
    await this.recorder.recordEnd(post);
    if (post.loss?.how !== 'broken' && !this.isClosing) await this.watch.judge(post);
  }
}
