import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InstanceKey } from '@app/config';
import { CommandHandler } from '@app/event-store';
import { Position, Tellings, instantAt, newEvent, plainDetails } from '@app/kernel';
import { EvaluationUpdated, HeartbeatReceived, type PeerId } from '../events/index.js';
import type { PeerStatusWord } from '../events/peer-status.js';
import { RequestAuthenticator } from './request-authenticator.provider.js';
import { RejectedHandshakes } from './rejected-handshakes.provider.js';
import { ProvenRefusals } from './proven-refusals.provider.js';
import { LinkClient } from './link-client.provider.js';
import { isObserverSuspect, justBegan } from './link-observation.js';
import { ShownKeys } from './shown-keys.provider.js';
import { LinkTiming } from './link-timing.js';
import type { HeartbeatAsk } from './messages.js';
import { keyTrouble } from './key-trouble.js';
import { goneMs } from './policy.js';
import { type LinkMemory, NEW_LINK, type PeerStatus, evaluateLink } from '../peer-status.js';
import { verifyPeer } from '../write/verify-peer/verify-peer.decide.js';
import type { CachedPeer } from './cached-peer.js';
import { CallCounters } from './call-counters.provider.js';
import { FEDERATION, HeartbeatLog } from './heartbeat-log.provider.js';
import { HeartbeatLoop, type Tried } from './heartbeat-loop.js';
import { PeerCache } from './peer-cache.provider.js';
import { PeerStatusWriter, type PeerEvaluation, saidOf } from './peer-status-writer.provider.js';

/**
 * Keeps the links to all peers that are not suspended, and judges them every second. A change becomes a fact; other details of what the
 * facts say already become telemetry.
 */
@Injectable()
export class LinkSupervisor implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('federation.link');
  private readonly heartbeatLoops = new Map<string, HeartbeatLoop>();
  private readonly memories = new Map<string, LinkMemory>();
  private readonly tellings = new Tellings();
  private readonly undo: (() => void)[] = [];
  private cancelEvaluation: () => void = () => undefined;
  private evaluatedMs = 0;
  private isStopped = false;

  constructor(
    private readonly peers: PeerCache,
    private readonly client: LinkClient,
    private readonly authenticator: RequestAuthenticator,
    private readonly rejected: RejectedHandshakes,
    private readonly proven: ProvenRefusals,
    private readonly heartbeatLog: HeartbeatLog,
    private readonly writer: PeerStatusWriter,
    private readonly counters: CallCounters,
    private readonly commands: CommandHandler,
    private readonly timing: LinkTiming,
    private readonly keys: ShownKeys,
    private readonly instanceKey: InstanceKey,
  ) {}

  onApplicationBootstrap(): void {
    void Promise.all([this.peers.caughtUp, this.instanceKey.known]).then(() => this.begin());
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    this.cancelEvaluation();
    for (const end of this.undo.splice(0)) end();
    await Promise.all([...this.heartbeatLoops.values()].map((loop) => loop.stop()));
    await Promise.all([this.writer.settled(), this.keys.settled()]);
  }

  /** What a peer is, as our heartbeats tell it. */
  statusOf(peer: CachedPeer): PeerStatusWord {
    return saidOf(peer).status;
  }

  /** An active peer sent a heartbeat. */
  receive({ peer_id }: CachedPeer, { seq, boot_id, sent_at, your_status, calls_in, calls_out }: HeartbeatAsk): void {
    this.heartbeatLoops.get(peer_id)?.hear(your_status);
    const event = { peer_id, direction: 'in' as const, seq, boot_id, rtt_ms: null, sent_at, their_view: your_status, calls_in, calls_out };
    this.heartbeatLog.keep(peer_id, 'in', newEvent(HeartbeatReceived, event));
  }

  /** The peer answered a challenge. Throws when that cannot be written down. */
  async verified({ peer_id, secret_id }: Pick<CachedPeer, 'peer_id' | 'secret_id'>): Promise<void> {
    await this.commands.handle(verifyPeer, { data: { peer_id, secret_id }, actor: FEDERATION });
  }

  /** Tries at once; undefined: its link is not kept, since it is not registered or is suspended. */
  async retry(peerId: string): Promise<Tried | undefined> {
    return this.heartbeatLoops.get(peerId)?.tryNow();
  }

  private begin(): void {
    if (this.isStopped) return;
    for (const peer of this.peers.all()) this.subscribe(peer.peer_id);
    this.undo.push(this.peers.onChange((peerId) => this.subscribe(peerId)));
    this.undo.push(this.authenticator.onAdmitted(({ peer_id }) => this.heartbeatLoops.get(peer_id)?.hear(null)));
    this.evaluatedMs = this.timing.clock.nowMs();
    this.evaluateAll();
  }

  private subscribe(peerId: PeerId): void {
    const peer = this.peers.get(peerId);
    const loop = this.heartbeatLoops.get(peerId);
    if (peer === undefined || peer.lifecycle === 'suspended') {
      this.heartbeatLoops.delete(peerId);
      void loop?.stop();
      this.memories.delete(peerId);
      for (const memory of [this.heartbeatLog, this.writer, this.proven, this.tellings, this.keys]) memory.forget(peerId);
      if (peer === undefined) this.counters.forget(peerId);
    } else if (loop === undefined) this.heartbeatLoops.set(peerId, this.begun(peer));
    else loop.become(peer);
  }

  private begun(peer: CachedPeer): HeartbeatLoop {
    const { timing, client, heartbeatLog: heartbeats, counters } = this;
    const loop = new HeartbeatLoop(peer, {
      timing,
      client,
      heartbeats,
      counters,
      secretOf: (peerId) => this.peers.secretOf(peerId),
      onVerified: (verified) => this.verified(verified),
      onKeyShown: (of, shown) => this.keys.see(of, shown),
      warn: (sentence) => this.log.warn(sentence),
    });
    loop.start();
    return loop;
  }

  private evaluateAll(): void {
    const { policy } = this.timing;
    const nowMs = this.timing.clock.nowMs();
    if (nowMs - this.evaluatedMs > policy.evaluateEveryMs + policy.gapMs) for (const loop of this.heartbeatLoops.values()) loop.wake();
    this.evaluatedMs = nowMs;
    const all = [...this.heartbeatLoops.values()].map(({ observed }) => observed);
    const isCorrelatedFailure = isObserverSuspect(all, nowMs, goneMs(policy), policy);
    for (const [peerId, loop] of this.heartbeatLoops) {
      const peer = this.peers.get(peerId);
      if (peer !== undefined && peer.lifecycle !== 'suspended') this.evaluate(peer, loop, nowMs, isCorrelatedFailure);
    }
    this.cancelEvaluation = this.timing.clock.after(policy.evaluateEveryMs, () => this.evaluateAll());
  }

  private evaluate(peer: CachedPeer, loop: HeartbeatLoop, nowMs: number, isCorrelatedFailure: boolean): void {
    const { policy, clock } = this.timing;
    const { observed: link } = loop;
    const said = saidOf(peer);
    const isCorrelated = isCorrelatedFailure && justBegan(link, nowMs, goneMs(policy));
    const state = { lifecycle: peer.lifecycle === 'pending' ? 'pending' : 'active' } as const;
    const observation = {
      link,
      said,
      isCorrelated,
      ...this.rejectedHandshakeOf(peer),
      refused: this.proven.of(peer.peer_id),
      key: keyTrouble(peer.key, this.keys.of(peer.peer_id)),
    };
    const { memory, shown } = evaluateLink(this.memories.get(peer.peer_id) ?? NEW_LINK, state, observation, nowMs, policy);
    this.memories.set(peer.peer_id, memory);
    if (shown.status === said.status && shown.reason === said.reason) return void this.tell(peer, shown, nowMs);
    this.tellings.forget(peer.peer_id);
    const { status, reason, details } = shown;
    const evaluation: PeerEvaluation = {
      peer_id: peer.peer_id,
      from: said.status,
      to: status,
      reason,
      details: plainDetails(details),
      last_good_at: link.lastGoodMs === null ? null : instantAt(clock, link.lastGoodMs),
      next_retry_at: link.failure === null ? null : instantAt(clock, loop.nextAtMs),
      evidence: () => this.evidence(peer),
      policy_version: policy.version,
    };
    this.writer.offer(peer, evaluation);
  }

  /** Of what the facts say already only the details can be news. */
  private async tell(peer: CachedPeer, { status, reason, details }: PeerStatus, nowMs: number): Promise<void> {
    const { peer_id } = peer;
    if (!this.tellings.isNews(peer_id, { status, reason, details, evidence: [] }, nowMs)) return;
    try {
      const evidence = await this.evidence(peer);
      const data = { peer_id, status, reason, details: plainDetails(details), evidence };
      await this.heartbeatLog.keepEvaluation(newEvent(EvaluationUpdated, data));
    } catch {
      this.tellings.failed(peer_id); // It is told with a later evaluation.
    }
  }

  /** Right after the challenge there is no heartbeat yet, and what shows the link is the fact that it succeeded. */
  private async evidence({ peer_id, position }: CachedPeer): Promise<readonly string[]> {
    const heartbeats = await this.heartbeatLog.evidence(peer_id);
    return heartbeats.length > 0 ? heartbeats : [new Position({ facts: position }).format()];
  }

  /** `otherKey`: a fingerprint that is not ours, with which somebody lately signed as this peer. `sameKey`: it is ours. */
  private rejectedHandshakeOf({ remote_peer_id, secret_fingerprint }: CachedPeer): { otherKey: string | null; sameKey: boolean } {
    const handshake = this.rejected.of(remote_peer_id);
    if (handshake?.denied !== 'signature') return { otherKey: null, sameKey: false };
    const isOurs = handshake.key_id === secret_fingerprint;
    return { otherKey: isOurs ? null : handshake.key_id, sameKey: isOurs };
  }
}
