import type { IncomingMessage } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { OwnAddresses, PublicOptions } from '@app/http';
import { RateLimit } from '@app/kernel';
import type { CachedPeer } from './cached-peer.js';
import { PeerCache } from './peer-cache.provider.js';
import { type EnvelopeDenied, type EnvelopeKey, type RequestToVerify, isWithinSkew, signedAtMs, signedAuthority } from './envelope.js';
import { LinkTiming } from './link-timing.js';
import { OwnRequests } from './own-requests.provider.js';
import { ProvenRefusals } from './proven-refusals.provider.js';
import type { RefusalCause } from './refusal-cause.js';

/** A clock that is further off than this is not explained: a request so old is rather one that was recorded, ms. */
export const MAX_OFF_MS = 86_400_000;
const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/;
/** Strangers that are named in the log of this process, per name and all together. */
const NAMED = { perSecond: 1 / 600, burst: 1, maxKeys: 256 };
const ALL_NAMED = { perSecond: 1 / 60, burst: 10, maxKeys: 1 };

/** A cause that may be told to the peer, in an answer that is signed for this request. */
export interface Explained {
  readonly cause: Extract<RefusalCause, { kind: 'clock' | 'address' }>;
  readonly peer: CachedPeer;
  readonly key: EnvelopeKey;
  readonly from: string;
  readonly nonce: string;
}

/** A request that was refused, and what it was checked against. */
export interface Refused {
  readonly toVerify: RequestToVerify;
  readonly denied: EnvelopeDenied;
  /** null: nobody of that id is registered; then the key is nobody's. */
  readonly peer: CachedPeer | null;
  readonly key: EnvelopeKey;
}

/** Finds out why a request of a peer is refused, as far as its signature proves it, and keeps that for the operator of this side. */
@Injectable()
export class RefusalExplainer {
  private readonly log = new Logger('federation.refusals');
  private readonly addresses: OwnAddresses;
  private readonly named = new RateLimit(NAMED);
  private readonly allNamed = new RateLimit(ALL_NAMED);
  private readonly answers: RateLimit;

  constructor(
    private readonly peers: PeerCache,
    private readonly proven: ProvenRefusals,
    private readonly own: OwnRequests,
    private readonly timing: LinkTiming,
    options: PublicOptions,
  ) {
    this.addresses = new OwnAddresses(options);
    this.answers = new RateLimit({ perSecond: 1_000 / timing.policy.explainMs, burst: 1, maxKeys: 1_024 });
  }

  /** Whether its time alone is wrong, by so little that the rest is worth reading. */
  isNear({ headers }: IncomingMessage): boolean {
    return Math.abs(signedAtMs(headers) - this.timing.clock.wallMs()) <= MAX_OFF_MS;
  }

  /** What may be said to the sender; null: nothing but the status. */
  async explain(refused: Refused): Promise<Explained | null> {
    const { toVerify, peer, key } = refused;
    const { headers, me } = toVerify;
    const from = String(headers['x-cb-peer'] ?? '');
    const nonce = String(headers['x-cb-nonce'] ?? '');
    const cause = this.causeOf(refused); // Also of nobody: it takes as long as for a peer.
    if (from === me) this.own.arrived(nonce);
    else if (peer === null) await this.seekHolder(toVerify, from);
    if (cause === null || peer === null) return null;
    if (!this.proven.refuse(peer.peer_id, cause, signedAtMs(headers))) return null;
    const isDue = this.answers.admits(peer.peer_id, this.timing.clock.nowMs());
    return isDue ? { cause, peer, key, from, nonce } : null;
  }

  private causeOf({ toVerify, denied }: Refused): Explained['cause'] | null {
    if (denied !== 'signature' && denied !== 'timestamp') return null;
    const nowMs = toVerify.now.getTime();
    const accepted = this.addresses.accepted(nowMs);
    const host = toVerify.headers['host'];
    const received = typeof host === 'string' && HOST.test(host) ? host.toLowerCase() : '';
    const signedFor = signedAuthority(toVerify, [...accepted, ...this.addresses.ended(nowMs), received]);
    if (signedFor === undefined) return null;
    const evaluation = this.addresses.check(signedFor, nowMs);
    if (evaluation !== 'own') {
      const endedAt = evaluation === 'foreign' ? null : evaluation.endedAt;
      return { kind: 'address', signedFor, accepted, endedAt };
    }
    const aheadMs = signedAtMs(toVerify.headers) - nowMs;
    return denied === 'timestamp' && Math.abs(aheadMs) <= MAX_OFF_MS ? { kind: 'clock', aheadMs } : null;
  }

  /** Somebody whom nobody registered may hold the secret of a peer that is registered under another id. */
  private async seekHolder(toVerify: RequestToVerify, says: string): Promise<void> {
    const keyId = String(toVerify.headers['x-cb-key'] ?? '');
    const candidates = this.peers.all().filter(({ secret_fingerprint }) => secret_fingerprint === keyId);
    for (const { peer_id } of candidates.slice(0, MAX_CANDIDATES)) {
      const secret = await this.peers.secretOf(peer_id).catch(() => null);
      if (secret === null) continue;
      const keys = [{ key_id: keyId, secret }];
      const isHolder = signedAuthority({ ...toVerify, keys }, this.addresses.accepted(toVerify.now.getTime())) !== undefined;
      if (isHolder && isWithinSkew(toVerify.headers, toVerify.now))
        this.proven.refuse(peer_id, { kind: 'peer_id', says }, signedAtMs(toVerify.headers));
    }
    this.tell(says, keyId);
  }

  /** Who is refused and has no row that could say so. */
  private tell(says: string, keyId: string): void {
    const nowMs = this.timing.clock.nowMs();
    if (!NAME.test(says) || !this.named.wouldAdmit(says, nowMs) || !this.allNamed.admits(ALL, nowMs)) return;
    this.named.admits(says, nowMs);
    this.log.warn(
      `Refused a request of instance ${says}, which is not registered here; it says that its secret has the fingerprint ${NAME.test(keyId) ? keyId : 'of no known form'}.`,
    );
  }
}

/** Secrets that are tried for one request of a stranger. */
const MAX_CANDIDATES = 4;
const ALL = 'all';
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
