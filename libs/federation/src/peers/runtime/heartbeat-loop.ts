import { type Clock, instantAt, momentOf, newEvent, plainText } from '@app/kernel';
import { HeartbeatMissed, HeartbeatReceived } from '../events/index.js';
import type { LinkReason } from '../events/link-reason.js';
import type { PeerStatusWord } from '../events/peer-status.js';
import { retryDelayMs } from './backoff.js';
import type { LinkClient, LinkTarget, NotReached, Outcome, Reached } from './link-client.provider.js';
import { type LinkObservation, answered, heard, missed, unseen, unwatched } from './link-observation.js';
import type { LinkTiming } from './link-timing.js';
import { type HeartbeatAnswer, HelloAnswer } from './messages.js';
import type { ShownKey } from './key-proof.adapter.js';
import type { CachedPeer } from './cached-peer.js';
import type { CallCounters } from './call-counters.provider.js';
import type { HeartbeatLog } from './heartbeat-log.provider.js';

type Said = Reached<HeartbeatAnswer | HelloAnswer>;
/** What came of one attempt; null: it could not be made, for a reason of our own. */
export type Tried = Said | NotReached | null;

export interface HeartbeatLoopParts {
  readonly timing: LinkTiming;
  readonly client: Pick<LinkClient, 'hello' | 'confirm' | 'heartbeat'>;
  readonly heartbeats: Pick<HeartbeatLog, 'keep'>;
  readonly counters: Pick<CallCounters, 'of'>;
  /** Throws when the secret cannot be read; null: there is none. */
  readonly secretOf: (peerId: string) => Promise<string | null>;
  /** The mutual challenge succeeded. Throws when that cannot be written down. */
  readonly onVerified: (peer: CachedPeer) => Promise<void>;
  /** What the peer showed of its instance key, in an answer that it signed with the shared secret. */
  readonly onKeyShown: (peer: CachedPeer, shown: ShownKey) => void;
  readonly warn: (sentence: string) => void;
}

const MAX_DETAIL = 300;

/**
 * Keeps the link to one peer: one attempt after another, never two at once. To a pending peer an attempt is the mutual challenge, to
 * an active one a heartbeat; a peer that is active here and says that it holds us for pending is challenged again.
 *
 * After an answer the next attempt is due in an interval, or sooner while a red link must show that it holds; after a failure, when
 * the back-off says. What is heard of the peer itself, and whoever says `tryNow`, begins the back-off anew.
 */
export class HeartbeatLoop {
  observed: LinkObservation;
  /** When the next attempt is due, a moment of `Clock.nowMs`, as all here. */
  nextAtMs = 0;
  private seq = 0;
  private setbacks = 0;
  private backingOffSinceMs = 0;
  private lastTriedMs = -Infinity;
  private notBeforeMs = 0;
  private hurriedMs = -Infinity;
  private mustChallenge = false;
  private readonly stopping = new AbortController();
  private running: Promise<Tried> | undefined;
  private callOff: () => void = () => undefined;

  constructor(
    private peer: CachedPeer,
    private readonly parts: HeartbeatLoopParts,
  ) {
    this.observed = unseen(parts.timing.clock.nowMs(), lastGoodMs(parts.timing.clock, peer));
  }

  start(): void {
    const { timing } = this.parts;
    this.due(timing.clock.nowMs() + timing.chance() * timing.policy.startWithinMs);
  }

  /** Makes no further attempt, and gives up the one under way; resolves when that has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.callOff();
    await this.running;
  }

  /** What the facts say of the peer has changed. */
  become(peer: CachedPeer): void {
    const before = this.peer;
    this.peer = peer;
    const isVerified = before.lifecycle === 'pending' && peer.lifecycle === 'active';
    if (!isVerified && before.secret_id === peer.secret_id) return;
    const nowMs = this.parts.timing.clock.nowMs();
    // What failed before it was verified, or with another secret, says nothing of it now.
    this.observed = { ...this.observed, sinceMs: nowMs, failures: 0, hardFailures: 0, failingSinceMs: null, failure: null };
    this.setbacks = 0;
    this.start();
  }

  /** The peer itself said something that it signed. `theirView`: what we are there, as far as it said. */
  hear(theirView: PeerStatusWord | null): void {
    const nowMs = this.parts.timing.clock.nowMs();
    this.observed = heard(this.observed, theirView, nowMs);
    if (this.setbacks === 0 || nowMs - this.hurriedMs < this.parts.timing.policy.heartbeatMs) return; // It may say much: calls, for one.
    this.setbacks = 0;
    this.hurriedMs = nowMs;
    const soonest = Math.max(nowMs, this.notBeforeMs, this.lastTriedMs + this.parts.timing.policy.backoff.leastMs);
    if (soonest < this.nextAtMs) this.due(soonest);
  }

  /** Nobody looked for a while. */
  wake(): void {
    this.observed = unwatched(this.observed, this.parts.timing.clock.nowMs());
    this.setbacks = 0;
    this.start();
  }

  /** Does not wait for the back-off, and begins it anew. Resolves to what comes of it, or of the attempt that is under way. */
  tryNow(): Promise<Tried> {
    this.setbacks = 0;
    this.running ??= this.attempt().finally(() => (this.running = undefined));
    return this.running;
  }

  private get isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private due(atMs: number): void {
    this.callOff();
    this.nextAtMs = atMs;
    if (this.isStopped) return;
    this.callOff = this.parts.timing.clock.after(Math.max(0, atMs - this.parts.timing.clock.nowMs()), () => {
      this.running ??= this.attempt().finally(() => (this.running = undefined));
    });
  }

  private async attempt(): Promise<Tried> {
    this.callOff();
    this.lastTriedMs = this.parts.timing.clock.nowMs();
    try {
      const target = await this.target();
      const tried = 'ok' in target ? target : await this.withUnavailable(target);
      if (!this.isStopped) this.record(tried);
      return tried;
    } catch (error) {
      this.parts.warn(`The link to ${this.peer.peer_id} waits for this side: ${String(error)}`);
      this.due(this.parts.timing.clock.nowMs() + this.parts.timing.policy.backoff.leastMs);
      return null;
    }
  }

  private async target(): Promise<LinkTarget | NotReached> {
    const { peer_id, url, remote_peer_id, secret_fingerprint: key_id } = this.peer;
    const secret = await this.parts.secretOf(peer_id);
    if (secret !== null) return { url, remote_peer_id, key: { key_id, secret } };
    const detail = 'This side has lost the secret of the peer: remove the peer and register it again.';
    return { ok: false, reason: 'auth_rejected', detail, retryAfterMs: null };
  }

  private async withUnavailable(target: LinkTarget): Promise<Said | NotReached> {
    if (this.peer.lifecycle === 'pending' || this.mustChallenge) return this.challenge(target);
    const { peer_id } = this.peer;
    const your_status = this.peer.last_status?.status ?? 'unknown';
    const said = { seq: ++this.seq, ...this.parts.counters.of(peer_id), your_status };
    const outcome = await this.parts.client.heartbeat(target, said, this.stopping.signal);
    this.mustChallenge = outcome.ok && outcome.answer.your_status === 'pending';
    if (outcome.ok && !this.mustChallenge && !this.isStopped)
      this.parts.heartbeats.keep(peer_id, 'out', received(peer_id, this.seq, outcome));
    return outcome;
  }

  private async challenge(target: LinkTarget): Promise<Outcome<HelloAnswer>> {
    const { peer } = this;
    const { signal } = this.stopping;
    const hello = await this.parts.client.hello(target, signal);
    if (!hello.ok) return hello;
    const confirmed = await this.parts.client.confirm(target, hello.answer.challenge, signal);
    if (!confirmed.ok) return confirmed;
    if (confirmed.answer.your_status === 'pending')
      return { ok: false, reason: 'error_rate', detail: 'The other side did not accept the answer to its challenge.', retryAfterMs: null };
    await this.parts.onVerified(peer);
    this.mustChallenge = false;
    return confirmed;
  }

  private record(tried: Said | NotReached): void {
    const { timing, heartbeats } = this.parts;
    const { policy } = timing;
    const nowMs = timing.clock.nowMs();
    if (tried.ok) {
      this.parts.onKeyShown(this.peer, tried.key);
      this.observed = answered(this.observed, { ...tried, theirView: tried.answer.your_status }, nowMs, policy);
      this.setbacks = 0;
      return this.due(nowMs + this.untilNextMs(tried.answer instanceof HelloAnswer));
    }
    const reason: LinkReason = tried.reason === 'url_denied' ? 'outbound_denied' : tried.reason;
    const detail = plainText(tried.detail, MAX_DETAIL);
    this.observed = missed(this.observed, { reason, detail }, nowMs);
    if (this.setbacks++ === 0) this.backingOffSinceMs = nowMs;
    const { retryAfterMs } = tried;
    const setback = { failures: this.setbacks, failingForMs: nowMs - this.backingOffSinceMs, retryAfterMs };
    this.due(nowMs + retryDelayMs(setback, timing.chance(), policy));
    this.notBeforeMs = retryAfterMs === null ? 0 : this.nextAtMs;
    const { peer_id } = this.peer;
    const next_retry_at = instantAt(timing.clock, this.nextAtMs);
    heartbeats.keep(
      peer_id,
      'miss',
      newEvent(HeartbeatMissed, { peer_id, reason, detail, failures: this.observed.failures, next_retry_at }),
    );
  }

  private untilNextMs(wasChallenge: boolean): number {
    const { policy } = this.parts.timing;
    const chance = this.parts.timing.chance();
    if (wasChallenge || this.mustChallenge) return policy.startWithinMs * chance;
    if (this.observed.goods < policy.goodToRecover) return policy.recoverySpacingMs;
    return policy.heartbeatMs * (1 + policy.jitter * (2 * chance - 1));
  }
}

const lastGoodMs = (clock: Clock, { last_status }: CachedPeer): number | null =>
  last_status === null || last_status.last_good_at === null ? null : momentOf(clock, last_status.last_good_at);

const received = (peer_id: CachedPeer['peer_id'], seq: number, { answer, rttMs }: Reached<HeartbeatAnswer>) =>
  newEvent(HeartbeatReceived, {
    peer_id,
    direction: 'out',
    seq,
    boot_id: answer.boot_id,
    rtt_ms: Math.round(rttMs * 10) / 10,
    sent_at: answer.sent_at,
    their_view: answer.your_status,
    calls_in: answer.calls_in,
    calls_out: answer.calls_out,
  });
