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
import type { Held, AgentSession } from './agent-session.js';
import { AgentRegistry } from './agent-registry.provider.js';
import type { Pinged } from '../ping.rpc.js';
import { AGENT_POLICY } from './agent-policy.js';
import { isInTime } from './agent-status.js';
import { reconnectBudgetOf } from './reconnect-budget.js';
import { introduced, isAlone, duplicatesAmong } from './duplicate-identity.js';
import { type CloseReason, type Hello, PROTO, SERVER_CAPABILITIES, type SaidCause, verifyHello } from '../tunnel.protocol.js';
import { openTunnel } from '../write/open-tunnel/open-tunnel.decide.js';
import { lossOf } from './loss-of.js';
import { untilOneMore } from './opened.js';
import { reject } from './rejections.js';
import { ReportHandler } from './report-handler.provider.js';
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
const DUPLICATE_RETRY_MS = 60_000;
/** An agent that is refused since a message about it cannot be read tries again after this time. */
const BLOCKED_RETRY_MS = 30_000;
const PING_TIMEOUT_MS = 5_000;
/** Nobody comes again sooner. */
const LEAST_RETURN_MS = 500;
const LEAST_RETRY_MS = 1_000;

/** All tunnels: who may have one, which one of two stands, and how each began and ended. */
@Injectable()
export class TunnelManager implements TunnelEar {
  /** Those that have not ended, and those whose socket has not; with whom each is known to be. */
  private readonly tunnels = new Map<Tunnel, AgentSession | null>();
  private readonly addresses: OwnAddresses;
  private readonly strangers: Strangers;
  private isClosing = false;
  private readonly empty = Promise.withResolvers<void>();

  constructor(
    private readonly registry: AgentRegistry,
    private readonly watch: AgentWatch,
    private readonly recorder: AgentRecorder,
    private readonly reports: ReportHandler,
    private readonly writer: LogWriter,
    private readonly clock: Clock,
    private readonly times: TunnelTimes,
    private readonly instanceKey: InstanceKey,
    options: PublicOptions,
  ) {
    this.addresses = new OwnAddresses(options);
    this.strangers = new Strangers(times);
    registry.whenRevoked((session) => session.held?.tunnel.close('revoked', 'revoked'));
    registry.whenUnreadable((agentSession) => agentSession.held?.tunnel.close('unavailable', 'server_drain', BLOCKED_RETRY_MS));
    registry.whenLost(() => this.sendAway('unavailable'));
  }

  /** Whether one more socket may be taken. */
  get hasCapacity(): boolean {
    return (
      !this.isClosing && this.registry.isReady && this.instanceKey.isKnown && this.tunnels.size < MAX_TUNNELS && this.strangers.hasCapacity
    );
  }

  /** Whether this network may begin one more handshake; it counts then. */
  admits(network: string): boolean {
    return this.hasCapacity && this.strangers.begin(network, this.clock.nowMs());
  }

  /** When one that is turned away may come again; each time another moment, and the later the more are still to come. */
  get retryMs(): number {
    const expected = this.registry.isReady ? this.watch.expected : this.registry.size;
    return LEAST_RETRY_MS + Math.random() * reconnectBudgetOf(expected, this.times, AGENT_POLICY).retryMs;
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
    const session = this.registry.get(agent_id);
    const agent = session?.agent;
    if (session !== undefined && session.unreadable.size > 0) return tunnel.close('unavailable', 'refused', BLOCKED_RETRY_MS);
    if (session === undefined || agent === undefined || agent.lifecycle === 'unknown') return tunnel.close('unauthorised', 'refused');
    if (!this.isSigned(session, tunnel, hello, agent.public_key)) return;
    if (agent.lifecycle === 'revoked') return this.turnAway(session, tunnel, 'revoked', 'revoked');
    if (agent.lifecycle === 'held') return this.turnAway(session, tunnel, 'held', 'too_many', HELD_RETRY_MS, { cause: 'held' });
    if (hello.proto.min > PROTO || hello.proto.max < PROTO)
      return this.turnAway(session, tunnel, 'version_unsupported', 'no_common_protocol');
    if (this.isDuplicateIdentity(session, tunnel, hello)) return;
    if (session.waiting >= MAX_OPENING) return tunnel.close('too_many', 'refused', 1_000);
    this.tunnels.set(tunnel, session);
    const nowMs = this.clock.nowMs();
    this.strangers.introduce(tunnel, nowMs, { isCounted: untilOneMore(session, nowMs) > 0 });
    session.enqueueOpening(() => this.open(session, tunnel, hello));
  }

  frame(tunnel: Tunnel, frame: Parameters<TunnelEar['frame']>[1]): void {
    const session = this.tunnels.get(tunnel);
    if (session?.held?.tunnel === tunnel) this.reports.take(session, session.held, frame);
  }

  ended(tunnel: Tunnel, end: End): void {
    const session = this.tunnels.get(tunnel);
    if (session?.held?.tunnel === tunnel) this.lose(session, session.held, end);
  }

  gone(tunnel: Tunnel): void {
    this.strangers.leave(tunnel);
    this.tunnels.delete(tunnel);
    if (this.isClosing && this.tunnels.size === 0) this.empty.resolve();
  }

  /** Asks an agent whether it is there. undefined: another process may hold its tunnel. */
  async ping(agentId: string): Promise<Pinged | undefined> {
    const session = this.registry.get(agentId);
    const held = session?.held ?? null;
    if (held === null) {
      if (!this.registry.isReady || (session !== undefined && session.tunnel.openSession !== null && session.ending === null))
        return undefined;
      return { ok: false, rtt_ms: null, sentence: 'The agent is not connected.' };
    }
    const timeout = Promise.withResolvers<null>();
    const callOff = this.clock.after(PING_TIMEOUT_MS, () => timeout.resolve(null));
    const rttMs = await Promise.race([held.tunnel.rtt.ask(this.clock.nowMs()), timeout.promise]);
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
    const sessions = [...this.registry.all()].filter(({ held }) => held !== null);
    const { spreadMs } = reconnectBudgetOf(sessions.length, this.times, AGENT_POLICY);
    for (const tunnel of this.tunnels.keys())
      tunnel.close(reason, 'server_drain', LEAST_RETURN_MS + Math.random() * (spreadMs - LEAST_RETURN_MS));
  }

  /** Resolves when nothing is under way for any agent. What ends by then may add to the line of its agent: a tunnel that was being opened. */
  private async settled(): Promise<void> {
    const sessions = [...this.registry.all()];
    const lines = sessions.map(({ line }) => line);
    await Promise.all(lines);
    if (sessions.some(({ line }, i) => line !== lines[i])) await this.settled();
  }

  /**
   * Whether a hello is signed by its agent, for an address of this instance: the one the agent says it was given, and not Host, which a
   * proxy may write. An agent of before says none, and is asked whether it signed for any of ours.
   */
  private isSigned(session: AgentSession, tunnel: Tunnel, { agent_id, boot_id, signature, address }: Hello, publicKey: string): boolean {
    const nowMs = this.clock.wallMs();
    const asked = address === undefined ? null : (URL.parse(address)?.host ?? '');
    const authorities = asked === null ? this.addresses.accepted(nowMs) : [asked];
    const isIts = authorities.some((authority) => verifyHello(publicKey, { nonce: tunnel.nonce, agent_id, boot_id, authority }, signature));
    const evaluation = asked === null || !isIts ? 'own' : this.addresses.check(asked, nowMs);
    if (!isIts) this.turnAway(session, tunnel, 'signature_invalid', 'unauthorised');
    else if (evaluation !== 'own') {
      const why = { cause: evaluation === 'foreign' ? 'wrong_address' : 'address_ended', address: this.addresses.publicUrl } as const;
      reject(session, evaluation === 'foreign' ? 'address_mismatch' : 'address_ended', address ?? null);
      tunnel.close('unauthorised', 'refused', null, why);
    }
    return isIts && evaluation === 'own';
  }

  private turnAway(
    session: AgentSession,
    tunnel: Tunnel,
    rejection: Rejection,
    reason: CloseReason,
    retryMs: number | null = null,
    why?: SaidCause,
  ): void {
    reject(session, rejection);
    tunnel.close(reason, 'refused', retryMs, why);
  }

  private isDuplicateIdentity(session: AgentSession, tunnel: Tunnel, { boot_id: bootId, hostname }: Hello): boolean {
    const nowMs = this.clock.nowMs();
    session.introduced(introduced(session.introductions, { bootId, hostname, atMs: nowMs }, AGENT_POLICY));
    if (session.duplicates !== null && isAlone(session.introductions)) session.duplicated(null);
    const hostnames = session.duplicates?.hostnames ?? duplicatesAmong(session.introductions, AGENT_POLICY);
    if (hostnames === null) return false;
    session.duplicated({ hostnames, heardMs: nowMs });
    const retryMs = DUPLICATE_RETRY_MS * (1 + Math.random() / 2);
    this.turnAway(session, tunnel, 'duplicate_identity', 'too_many', retryMs, { cause: 'duplicate_identity' });
    session.held?.tunnel.close('too_many', 'duplicate_identity', retryMs, { cause: 'duplicate_identity' });
    void this.watch.evaluate(session);
    return true;
  }

  /** Stands in the line of its agent, so that of two that come at once the later one stands. */
  private async open(session: AgentSession, tunnel: Tunnel, hello: Hello): Promise<void> {
    if (tunnel.end !== null) return;
    const waitMs = untilOneMore(session, this.clock.nowMs());
    if (waitMs > 0) return this.turnAway(session, tunnel, 'rate_limited', 'too_many', waitMs);
    const { agentId, held } = session;
    const sessionId = v7() as SessionId;
    const { version, hostname, os, started_at, instance_uid, boot_id } = hello;
    const from = { remote: tunnel.remote, version, hostname, os, started_at: started_at as Instant, instance_uid, boot_id };
    const openSession = held && { session_id: held.sessionId, connected_ms: Math.max(0, Math.round(this.clock.nowMs() - held.acceptedMs)) };
    const written = (await this.recorder.recordEnd(session))
      ? await this.writer.write(
          openTunnel,
          { agent_id: agentId, session_id: sessionId, ...from, held: openSession },
          { actor: `agent:${agentId}`, commandId: sessionId },
        )
      : 'not-now';
    if (written === 'not-now' || isRefusal(written)) return tunnel.close('unavailable', 'refused', this.retryMs);
    this.adopt(session, tunnel, sessionId, boot_id, written.position);
    if (session.held !== null) await this.watch.evaluate(session);
  }

  /** The log has it: from here on this is the tunnel of its agent. When it ended in the meantime, nobody will say so any more. */
  private adopt(session: AgentSession, tunnel: Tunnel, sessionId: SessionId, bootId: string, position: number): void {
    const nowMs = this.clock.nowMs();
    const isReturn = session.isProved && (session.held !== null || isInTime(session.loss, nowMs, AGENT_POLICY));
    const evidence = tokenOf(position);
    const former = session.opened({ tunnel, sessionId, acceptedMs: nowMs, isReturn, bootId, position, evidence });
    former?.tunnel.close('superseded', 'superseded');
    if (tunnel.end !== null && session.held !== null) return this.lose(session, session.held, tunnel.end);
    if (session.agent.lifecycle === 'revoked') return tunnel.close('revoked', 'revoked');
    if (session.agent.lifecycle === 'held') return tunnel.close('too_many', 'refused', HELD_RETRY_MS, { cause: 'held' });
    tunnel.welcome({
      type: 'welcome',
      session_id: sessionId,
      epoch: session.tunnel.epoch,
      heartbeat_s: this.times.heartbeatS,
      sync_s: this.times.syncS,
      desired: { version: null },
      server_time: instantAt(this.clock, nowMs),
      instance_key: this.instanceKey.publicKey ?? undefined,
      capabilities: [...SERVER_CAPABILITIES],
    });
  }

  /** The tunnel that stood of an agent has ended. */
  private lose(session: AgentSession, { sessionId: session_id, acceptedMs }: Held, end: End): void {
    const { reason, closeCode: close_code } = end;
    if (reason === 'superseded' || reason === 'refused') return; // Of one that stands neither is said.
    const nowMs = this.clock.nowMs();
    const connected_ms = Math.max(0, Math.round(nowMs - acceptedMs));
    session.lost(lossOf(end, nowMs), { agent_id: session.agentId, session_id, reason, close_code, connected_ms });
    session.enqueue(() => this.settle(session));
  }

  /** The end first, since the status names it; a break is judged by the next sweep, which sees how many there were at once. */
  private async settle(session: AgentSession): Promise<void> {
    await this.recorder.recordEnd(session);
    if (session.loss?.how !== 'broken' && !this.isClosing) await this.watch.evaluate(session);
  }
}
