import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { FACTS, InstanceIdentity, LogAcceptance, NonceStore } from '@app/event-store';
import { OwnAddresses, PublicOptions, addressOf, networkOf } from '@app/http';
import type { CachedPeer } from './cached-peer.js';
import { PeerCache } from './peer-cache.provider.js';
import { BodyBudget, UNPROVEN_BYTES, UNPROVEN_BYTES_OF_ONE } from './body-budget.js';
import { boundedBody } from './bounded-body.js';
import {
  type EnvelopeDenied,
  type EnvelopeKey,
  type Lost,
  type RequestToVerify,
  SKEW_S,
  type Verified,
  deniedUnread,
  signedAtMs,
  verifyRequest,
} from './envelope.js';
import { RejectedHandshakes } from './rejected-handshakes.provider.js';
import { LinkTiming } from './link-timing.js';
import { ProvenRefusals } from './proven-refusals.provider.js';
import { type Explained, RefusalExplainer } from './refusal-explainer.provider.js';

/** A request that is what it says, and the peer it is of. `from` and `nonce` are what an answer is signed for. */
export interface Admitted extends Verified {
  readonly peer: CachedPeer;
  /** The key it was signed with, to sign the answer. */
  readonly key: EnvelopeKey;
}

/** `reason` is for logs and tests; on the wire stands the status and nothing else. */
export interface NotAdmitted {
  readonly status: 401 | 508 | 503;
  readonly reason:
    | EnvelopeDenied
    | Lost
    | 'peer-unknown'
    | 'peer-not-active'
    | 'replay'
    | 'not-ready'
    | 'log-silent'
    | 'secrets-silent'
    | 'no-room'
    | 'log-accepted';
  /** What a peer did sign, and is refused all the same: it can be held to it. Whether it came before is not looked at. */
  readonly signed?: Received;
  /** Why it is refused, where the peer may be told. */
  readonly explained?: Explained;
}

/** A request that was let in, and its body. */
export interface Received extends Admitted {
  readonly body: Buffer;
}

type Lifecycle = CachedPeer['lifecycle'];

/** `lifecycles`: which peers are let in; calls flow with active ones only. `explains`: a cause that is proven is found out. */
interface Whom {
  readonly lifecycles?: readonly Lifecycle[];
  readonly explains?: boolean;
}

/** Whom nobody knows is checked against this: it takes as long as a wrong signature, and ends the same way. */
const DECOY: EnvelopeKey = { key_id: 'nobody', secret: randomBytes(32).toString('base64url') };

/**
 * Lets in what a peer signed, once. In this order: a peer we know, in a lifecycle that is asked for; a timestamp within the skew;
 * a signature; and only then the nonce, so that nobody else can fill the memory of nonces. When it cannot be told whether a
 * nonce is new, nothing is let in.
 */
@Injectable()
export class RequestAuthenticator {
  private readonly log = new Logger('federation.gate');
  private readonly addresses: OwnAddresses;
  /** What bodies take from their first byte until they are proven, of all endpoints together. */
  readonly unproven = new BodyBudget(UNPROVEN_BYTES, UNPROVEN_BYTES_OF_ONE);
  private readonly listeners = new Set<(peer: CachedPeer) => void>();

  constructor(
    private readonly peers: PeerCache,
    private readonly nonces: NonceStore,
    private readonly identity: InstanceIdentity,
    private readonly rejected: RejectedHandshakes,
    private readonly readiness: LogAcceptance,
    options: PublicOptions,
    private readonly proven: ProvenRefusals,
    private readonly explainer: RefusalExplainer,
    private readonly timing: LinkTiming,
  ) {
    this.addresses = new OwnAddresses(options);
  }

  /**
   * Reads a body of at most `maxBytes` and lets the request in, or not. Of a request that no body could prove nothing is read, and the
   * bytes of all others are few until they are proven, from one network fewer still: `no-room` is what comes beyond, of which the rest of
   * the body is still to come.
   */
  async receive(request: IncomingMessage, maxBytes: number, whom: Whom = {}): Promise<Received | NotAdmitted | 'too-long' | 'cut'> {
    const unread = this.unread(request, whom);
    if (unread !== null) return this.noted(request, unread);
    const share = this.unproven.share(networkOf(addressOf(request)));
    try {
      const body = await boundedBody(request, maxBytes, share);
      if (body === 'no-room') return this.noted(request, { status: 503, reason: body });
      if (typeof body === 'string') return body;
      const admitted = await this.admit(request, body, whom);
      return 'status' in admitted ? admitted : { ...admitted, body };
    } finally {
      share.release();
    }
  }

  async admit(request: IncomingMessage, body: Buffer, whom: Whom = {}): Promise<Admitted | NotAdmitted> {
    const outcome = await this.evaluated(request, body, whom);
    if ('status' in outcome) return this.noted(request, outcome);
    this.proven.admitted(outcome.peer.peer_id, signedAtMs(request.headers));
    this.rejected.forget(outcome.from);
    for (const listener of this.listeners) listener(outcome.peer);
    return outcome;
  }

  /** Calls with the peer of whatever is let in; answers how to end that. */
  onAdmitted(listener: (peer: CachedPeer) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private noted(request: IncomingMessage, refused: NotAdmitted): NotAdmitted {
    this.log.debug(`refused with ${refused.status}: ${refused.reason}, of ${claimedBy(request)}`);
    return refused;
  }

  /** Why the body need not be read; null: it must be. The same for all who say they are somebody. */
  private unread(request: IncomingMessage, { explains = false }: Whom): NotAdmitted | null {
    if (!this.peers.isCaughtUp) return { status: 503, reason: 'not-ready' };
    const denied = deniedUnread(request.headers, this.now);
    if (denied === 'timestamp' && explains && this.explainer.isNear(request) && !this.isOfBeforeAccept(request)) return null;
    if (denied === null) return this.isOfBeforeAccept(request) ? { status: 503, reason: 'log-accepted' } : null;
    this.handshake(request, denied);
    return { status: 401, reason: denied };
  }

  /** The memory of nonces lost its end with the log: what was signed before, or by a clock that is behind, may have come already. */
  private isOfBeforeAccept({ headers }: IncomingMessage): boolean {
    const acceptedAt = this.readiness.acceptedAt(FACTS);
    if (acceptedAt === null) return false;
    return signedAtMs(headers) <= Date.parse(acceptedAt) + SKEW_S * 1_000;
  }

  private get now(): Date {
    return new Date(this.timing.clock.wallMs());
  }

  private async evaluated(
    request: IncomingMessage,
    body: Buffer,
    { lifecycles = ['active'], explains = false }: Whom,
  ): Promise<Admitted | NotAdmitted> {
    if (!this.peers.isCaughtUp) return { status: 503, reason: 'not-ready' }; // A peer we have not heard of yet is not one we refuse.
    if (this.isOfBeforeAccept(request)) return { status: 503, reason: 'log-accepted' };
    const peer = this.peers.byRemoteId(claimedBy(request));
    const key = await this.keyOf(peer);
    if (key === 'silent') return { status: 503, reason: 'secrets-silent' };
    const toVerify = this.toVerify(request, body, key);
    const verified = verifyRequest(toVerify);
    if ('denied' in verified) {
      const { denied } = verified;
      const refused = this.refused(request, peer, denied);
      const explained = explains ? await this.explainer.explain({ toVerify, denied, peer: peer ?? null, key }) : null;
      return explained === null ? refused : { ...refused, explained };
    }
    if (peer === undefined) return { status: 401, reason: 'peer-unknown' };
    if ('lost' in verified) return { status: 508, reason: verified.lost, signed: { ...verified.verified, peer, key, body } };
    if (!lifecycles.includes(peer.lifecycle)) return { status: 401, reason: 'peer-not-active', signed: { ...verified, peer, key, body } };
    const isFirst = await this.isFirst(`${verified.from}.${verified.nonce}`);
    if (isFirst === 'silent') return { status: 503, reason: 'log-silent' };
    return isFirst ? { ...verified, peer, key } : { status: 401, reason: 'replay' };
  }

  private toVerify({ headers, method = '', url: path = '' }: IncomingMessage, body: Buffer, key: EnvelopeKey): RequestToVerify {
    const now = this.now;
    const [authority = '', ...aliases] = this.addresses.accepted(now.getTime());
    return { keys: [key], me: this.identity.instance_id, headers, method, authority, aliases, path, body, now };
  }

  private refused(request: IncomingMessage, peer: CachedPeer | undefined, denied: EnvelopeDenied): NotAdmitted {
    this.handshake(request, denied);
    return { status: 401, reason: peer === undefined ? 'peer-unknown' : denied };
  }

  private handshake(request: IncomingMessage, denied: EnvelopeDenied): void {
    this.rejected.refused(claimedBy(request), String(request.headers['x-cb-key'] ?? ''), denied);
  }

  private async keyOf(peer: CachedPeer | undefined): Promise<EnvelopeKey | 'silent'> {
    if (peer === undefined) return DECOY;
    try {
      const secret = await this.peers.secretOf(peer.peer_id);
      return secret === null ? DECOY : { key_id: peer.secret_fingerprint, secret };
    } catch (error) {
      this.log.warn(`the secret of ${peer.peer_id} cannot be read: ${String(error)}`);
      return 'silent';
    }
  }

  private async isFirst(key: string): Promise<boolean | 'silent'> {
    try {
      return await this.nonces.first(key);
    } catch (error) {
      this.log.warn(`it cannot be told whether a nonce is new: ${String(error)}`);
      return 'silent';
    }
  }
}

/** Who it says it is of. */
const claimedBy = ({ headers }: IncomingMessage): string => (typeof headers['x-cb-peer'] === 'string' ? headers['x-cb-peer'] : '');
