import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InstanceKey } from '@app/config';
import { CommandHandler } from '@app/event-store';
import { Position, Tellings, instantAt, newEvent, plainDetails } from '@app/kernel';
import { EvaluationUpdated, HeartbeatReceived, type PeerId } from '../events/index.js';
import type { PeerStatusWord } from '../events/peer-status.js';
import { PeerGate } from './gate.provider.js';
import { Knocks } from './knocks.provider.js';
import { ProvenRefusals } from './proven-refusals.provider.js';
import { LinkClient } from './link-client.provider.js';
import { isObserverDoubted, justBegan } from './link-seen.js';
import { ShownKeys } from './shown-keys.provider.js';
import { LinkTiming } from './link-timing.js';
import type { HeartbeatAsk } from './messages.js';
import { keyTrouble } from './key-trouble.js';
import { goneMs } from './policy.js';
import { type LinkMemory, NEW_LINK, type PeerStatus, evaluateLink } from '../peer-status.js';
import { verifyPeer } from '../write/verify-peer/verify-peer.decide.js';
import type { BookedPeer } from './booked-peer.js';
import { CallCounters } from './call-counters.provider.js';
import { FEDERATION, LinkJournal } from './link-journal.provider.js';
import { LinkLoop, type Tried } from './link-loop.js';
import { PeerBook } from './peer-book.provider.js';
import { StatusScribe, type Verdict, saidOf } from './status-scribe.provider.js';

/**
 * Keeps the links to all peers that are not suspended, and judges them every second. A change becomes a fact; other details of what the
 * facts say already become telemetry.
 */
@Injectable()
export class LinkKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('federation.link');
  private readonly loops = new Map<string, LinkLoop>();
  private readonly memories = new Map<string, LinkMemory>();
  private readonly tellings = new Tellings();
  private readonly undo: (() => void)[] = [];
  private callOffSweep: () => void = () => undefined;
  private sweptMs = 0;
  private isStopped = false;

  constructor(
    private readonly book: PeerBook,
    private readonly client: LinkClient,
    private readonly gate: PeerGate,
    private readonly knocks: Knocks,
    private readonly proven: ProvenRefusals,
    private readonly journal: LinkJournal,
    private readonly scribe: StatusScribe,
    private readonly counters: CallCounters,
    private readonly commands: CommandHandler,
    private readonly timing: LinkTiming,
    private readonly keys: ShownKeys,
    private readonly instanceKey: InstanceKey,
  ) {}

  onApplicationBootstrap(): void {
    void Promise.all([this.book.caughtUp, this.instanceKey.known]).then(() => this.begin());
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    this.callOffSweep();
    for (const end of this.undo.splice(0)) end();
    await Promise.all([...this.loops.values()].map((loop) => loop.stop()));
    await Promise.all([this.scribe.settled(), this.keys.settled()]);
  }

  /** What a peer is, as our heartbeats tell it. */
  statusOf(peer: BookedPeer): PeerStatusWord {
    return saidOf(peer).status;
  }

  /** An active peer sent a heartbeat. */
  receive({ peer_id }: BookedPeer, { seq, boot_id, sent_at, your_status, calls_in, calls_out }: HeartbeatAsk): void {
    this.loops.get(peer_id)?.hear(your_status);
    const event = { peer_id, direction: 'in' as const, seq, boot_id, rtt_ms: null, sent_at, their_view: your_status, calls_in, calls_out };
    this.journal.keep(peer_id, 'in', newEvent(HeartbeatReceived, event));
  }

  /** The peer answered a challenge. Throws when that cannot be written down. */
  async verified({ peer_id, secret_id }: Pick<BookedPeer, 'peer_id' | 'secret_id'>): Promise<void> {
    await this.commands.handle(verifyPeer, { data: { peer_id, secret_id }, actor: FEDERATION });
  }

  /** Tries at once; undefined: its link is not kept, since it is not registered or is suspended. */
  async retry(peerId: string): Promise<Tried | undefined> {
    return this.loops.get(peerId)?.tryNow();
  }

  private begin(): void {
    if (this.isStopped) return;
    for (const peer of this.book.all()) this.follow(peer.peer_id);
    this.undo.push(this.book.onChange((peerId) => this.follow(peerId)));
    this.undo.push(this.gate.onAdmitted(({ peer_id }) => this.loops.get(peer_id)?.hear(null)));
    this.sweptMs = this.timing.clock.nowMs();
    this.sweep();
  }

  private follow(peerId: PeerId): void {
    const peer = this.book.get(peerId);
    const loop = this.loops.get(peerId);
    if (peer === undefined || peer.lifecycle === 'suspended') {
      this.loops.delete(peerId);
      void loop?.stop();
      this.memories.delete(peerId);
      for (const memory of [this.journal, this.scribe, this.proven, this.tellings, this.keys]) memory.forget(peerId);
      if (peer === undefined) this.counters.forget(peerId);
    } else if (loop === undefined) this.loops.set(peerId, this.begun(peer));
    else loop.become(peer);
  }

  private begun(peer: BookedPeer): LinkLoop {
    const { timing, client, journal, counters } = this;
    const loop = new LinkLoop(peer, {
      timing,
      client,
      journal,
      counters,
      secretOf: (peerId) => this.book.secretOf(peerId),
      onVerified: (verified) => this.verified(verified),
      onKeyShown: (of, shown) => this.keys.see(of, shown),
      warn: (sentence) => this.log.warn(sentence),
    });
    loop.start();
    return loop;
  }

  private sweep(): void {
    const { policy } = this.timing;
    const nowMs = this.timing.clock.nowMs();
    if (nowMs - this.sweptMs > policy.sweepMs + policy.gapMs) for (const loop of this.loops.values()) loop.wake();
    this.sweptMs = nowMs;
    const all = [...this.loops.values()].map(({ seen }) => seen);
    const isDoubted = isObserverDoubted(all, nowMs, goneMs(policy), policy);
    for (const [peerId, loop] of this.loops) {
      const peer = this.book.get(peerId);
      if (peer !== undefined && peer.lifecycle !== 'suspended') this.judge(peer, loop, nowMs, isDoubted);
    }
    this.callOffSweep = this.timing.clock.after(policy.sweepMs, () => this.sweep());
  }

  private judge(peer: BookedPeer, loop: LinkLoop, nowMs: number, isDoubted: boolean): void {
    const { policy, clock } = this.timing;
    const { seen: link } = loop;
    const said = saidOf(peer);
    const doubted = isDoubted && justBegan(link, nowMs, goneMs(policy));
    const standing = { lifecycle: peer.lifecycle === 'pending' ? 'pending' : 'active' } as const;
    const seen = {
      link,
      said,
      doubted,
      ...this.knockOf(peer),
      refused: this.proven.of(peer.peer_id),
      key: keyTrouble(peer.key, this.keys.of(peer.peer_id)),
    };
    const { memory, shown } = evaluateLink(this.memories.get(peer.peer_id) ?? NEW_LINK, standing, seen, nowMs, policy);
    this.memories.set(peer.peer_id, memory);
    if (shown.status === said.status && shown.reason === said.reason) return void this.tell(peer, shown, nowMs);
    this.tellings.forget(peer.peer_id);
    const { status, reason, details } = shown;
    const verdict: Verdict = {
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
    this.scribe.offer(peer, verdict);
  }

  /** Of what the facts say already only the details can be news. */
  private async tell(peer: BookedPeer, { status, reason, details }: PeerStatus, nowMs: number): Promise<void> {
    const { peer_id } = peer;
    if (!this.tellings.isNews(peer_id, { status, reason, details, evidence: [] }, nowMs)) return;
    try {
      const evidence = await this.evidence(peer);
      const data = { peer_id, status, reason, details: plainDetails(details), evidence };
      await this.journal.keepEvaluation(newEvent(EvaluationUpdated, data));
    } catch {
      this.tellings.failed(peer_id); // It is told with a later evaluation.
    }
  }

  /** Right after the challenge there is no heartbeat yet, and what shows the link is the fact that it succeeded. */
  private async evidence({ peer_id, position }: BookedPeer): Promise<readonly string[]> {
    const heartbeats = await this.journal.evidence(peer_id);
    return heartbeats.length > 0 ? heartbeats : [new Position({ facts: position }).format()];
  }

  /** `otherKey`: a fingerprint that is not ours, with which somebody lately signed as this peer. `sameKey`: it is ours. */
  private knockOf({ remote_peer_id, secret_fingerprint }: BookedPeer): { otherKey: string | null; sameKey: boolean } {
    const knock = this.knocks.of(remote_peer_id);
    if (knock?.denied !== 'signature') return { otherKey: null, sameKey: false };
    const isOurs = knock.key_id === secret_fingerprint;
    return { otherKey: isOurs ? null : knock.key_id, sameKey: isOurs };
  }
}
