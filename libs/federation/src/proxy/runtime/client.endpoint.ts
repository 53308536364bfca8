import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import type { PlainHeaders } from '@app/a2a';
import { InstanceIdentity } from '@app/event-store';
import { OutboundGuard, type PublicEndpoint, PublicOptions, addressOf } from '@app/http';
import type { CallReason } from '../../calls/events/call-reason.js';
import { type CachedPeer, boundedBody, type EnvelopeKey, PeerCache, signRequest } from '../../peers/ports.js';
import { BODY_BYTES, FAULT_HEADER, type FaultStyle, answerFault } from './answer-fault.adapter.js';
import { newCallId } from './call-id.js';
import { CarriedBody } from './carried-body.js';
import { areBound, boundTo } from './call-bindings.js';
import { CallerCheck, type CheckedCaller } from './caller-check.js';
import { CardRecords } from './card-records.provider.js';
import { type CardSource, Cards, type NoCard } from './cards.provider.js';
import { type FaultCode, failureOf, faultOf, toldByPeer } from './faults.js';
import { CARD_PATH, CLIENT_PREFIX, type Wanted, clientBase, peerBase, readClientPath, urlBelow } from './paths.js';
import { INACTIVE, CallProxy, type Target } from './call-proxy.provider.js';
import { ProxySockets } from './sockets.provider.js';
import { type Understood, isJsonRpc, isRead, recordedOf, understand } from './understood.adapter.js';

/** The peer pings every 15 s: a stream in which four were missed leads nowhere. */
const STREAM_IDLE_MS = 60_000;

const NOT_BOUND = { reason: 'caller_not_bound', code: 'federation.not-bound' } as const;
const TOO_LARGE = { reason: 'body_too_large', code: 'federation.body-too-large' } as const;

type ToInterface = Extract<Wanted, { what: 'interface' }>;

/** Where clients of ours find the agents of our peers: any client of A2A, with a token of this instance. */
@Injectable()
export class ClientEndpoint implements PublicEndpoint {
  readonly prefixes = [CLIENT_PREFIX];
  private readonly log = new Logger('federation.hop');

  constructor(
    private readonly callers: CallerCheck,
    private readonly peers: PeerCache,
    private readonly proxy: CallProxy,
    private readonly sockets: ProxySockets,
    private readonly cards: Cards,
    private readonly records: CardRecords,
    private readonly guard: OutboundGuard,
    private readonly identity: InstanceIdentity,
    private readonly options: PublicOptions,
  ) {}

  closing(): void {
    this.sockets.isClosing = true;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedMs = performance.now();
    const fault = (code: FaultCode): void => answerFault(response, faultOf(code), { toPeer: false });
    const path = readClientPath(request.url ?? '');
    if (path === null) return fault('federation.path-unknown');
    const caller = await this.checked(request);
    if (caller === 'unknown') return fault('federation.not-ready');
    if (caller === 'too-often') return fault('federation.too-often');
    if (caller === null) return fault('federation.unauthorised');
    if (!caller.may) return fault('federation.forbidden');
    const { peer, agent, wanted } = path;
    if (wanted.what === 'card') return this.card(request, response, { peerId: peer, agent, caller });
    return this.call(request, response, { peerId: peer, agent, wanted, caller, startedMs });
  }

  private async card(
    request: IncomingMessage,
    response: ServerResponse,
    { peerId, agent, caller }: Omit<Wished, 'wanted' | 'startedMs'>,
  ): Promise<void> {
    const style: FaultStyle = { toPeer: false };
    const known = await this.known(peerId);
    const facts = typeof known === 'string' ? { peer: peerId } : factsOf(known.peer, agent);
    const fault = (code: FaultCode): void => answerFault(response, faultOf(code, facts), style);
    if (request.method !== 'GET') return fault('federation.method-not-allowed');
    const isBound = boundTo(caller.bindings, peerId, agent).length > 0;
    if (typeof known === 'string') return fault(isBound ? known : NOT_BOUND.code); // Nor is it said which peers there are.
    const { peer } = known;
    const asked = { ...byOf(peer, caller), agent };
    if (!isBound) {
      this.records.notBound(asked);
      return fault(NOT_BOUND.code);
    }
    if (peer.lifecycle !== 'active') return fault(INACTIVE[peer.lifecycle].code);
    const route = this.proxy.reachable({ direction: 'out', peer_id: peer.peer_id, agent });
    if (route.action === 'deny') {
      this.records.denied(asked, route);
      return fault('federation.call-denied');
    }
    const source = this.sourceOf(known, agent, asked.call_id);
    if ('fault' in source) answerFault(response, source.fault, style);
    const missing = 'fault' in source ? source : await this.cards.answer(request, response, source, style);
    if (missing !== null) this.records.missing(asked, route, missing);
  }

  private async call(request: IncomingMessage, response: ServerResponse, to: Wished): Promise<void> {
    const { peerId, agent, wanted, caller, startedMs } = to;
    const isRpc = isJsonRpc(request, wanted.path);
    const early: FaultStyle = { toPeer: false, rpcId: isRpc ? null : undefined };
    const body = await boundedBody(request, BODY_BYTES);
    if (body === 'cut') return;
    const [read, bytes] = body === 'too-long' ? [NO_BODY, tooMany(request)] : [body, body.length];
    const asked = understand(request, wanted.path, read);
    if ('ambiguous' in asked) return answerFault(response, faultOf('federation.request-ambiguous', { because: asked.ambiguous }), early);
    const style: FaultStyle = { ...early, rpcId: isRpc ? asked.id : undefined };
    const known = await this.known(peerId);
    const isBound = areBound(boundTo(caller.bindings, peerId, agent), asked.classes);
    if (typeof known === 'string') return answerFault(response, faultOf(isBound ? known : NOT_BOUND.code, { peer: peerId, agent }), style);
    const { peer } = known;
    const call = { ...byOf(peer, caller), agent, ...recordedOf(asked, bytes) };
    const proxied = { response, style, call, classes: asked.classes, facts: factsOf(peer, agent), startedMs };
    if (body === 'too-long') request.resume(); // See answerTooLarge.
    if (!isBound) return this.proxy.refuse(proxied, NOT_BOUND);
    if (peer.lifecycle !== 'active') return this.proxy.refuse(proxied, INACTIVE[peer.lifecycle]);
    if (body === 'too-long') return this.proxy.refuse(proxied, TOO_LARGE);
    const carried = new CarriedBody(body);
    const target = (): Promise<Target> => this.targetOf(request, asked, carried, { ...to, known, callId: call.call_id });
    return this.proxy.proxy({ ...proxied, target, isStillIn: caller.isStillIn, onEnd: caller.onEnd });
  }

  private async targetOf(
    request: IncomingMessage,
    asked: Understood,
    body: CarriedBody,
    { known, agent, wanted, caller, callId, startedMs }: Wished & { readonly known: Known; readonly callId: string },
  ): Promise<Target> {
    const source = this.sourceOf(known, agent, callId);
    const real = 'fault' in source ? source : await this.cards.interfaceOf(source, wanted.key);
    if (real === null) return { unknown: true };
    if (!(real instanceof URL)) return { failed: real.reason, fault: real.fault };
    const url = urlBelow(real.href, wanted.path);
    const method = request.method ?? 'POST';
    const envelope = (): PlainHeaders => this.sign(known, { url, method, body: body.bytes, call: callId, caller: caller.caller });
    const headers = (): PlainHeaders => ({ ...asked.headers, ...envelope() });
    const how = { isRead: isRead(asked), streamIdleMs: STREAM_IDLE_MS, refusalOf: refusalBy(known.peer), failureOf: failureTold };
    return { onward: { url, sockets: this.sockets, method, headers, body, ...how, startedMs } };
  }

  private async checked(request: IncomingMessage): Promise<CheckedCaller | null | 'unknown' | 'too-often'> {
    try {
      return await this.callers.check(request.headers.authorization, addressOf(request));
    } catch (error) {
      this.log.warn(`it cannot be told who calls: ${String(error)}`);
      return 'unknown';
    }
  }

  /** The peer, and the key that calls to it are signed with; or why there is none. */
  private async known(peerId: string): Promise<Known | 'federation.not-ready' | 'federation.peer-unknown'> {
    if (!this.peers.isCaughtUp) return 'federation.not-ready';
    const peer = this.peers.get(peerId);
    if (peer === undefined) return 'federation.peer-unknown';
    try {
      const secret = await this.peers.secretOf(peerId);
      return secret === null ? 'federation.not-ready' : { peer, key: { key_id: peer.secret_fingerprint, secret } };
    } catch (error) {
      this.log.warn(`the secret of ${peerId} cannot be read: ${String(error)}`);
      return 'federation.not-ready';
    }
  }

  /** The card is read from the peer, who hands it out as its own: whatever interface it names has to be below its own URL. */
  private sourceOf(known: Known, agent: string, callId?: string): CardSource | NoCard {
    const { peer } = known;
    const theirs = `${peer.url}${peerBase(agent)}`;
    const facts = factsOf(peer, agent);
    const url = this.guard.check(theirs + CARD_PATH);
    if (!(url instanceof URL)) return { reason: 'address_denied', fault: failureOf('address_denied', facts) };
    return {
      owner: `${peer.peer_id} ${theirs}`,
      url,
      sockets: this.sockets,
      headers: () => this.sign(known, { url, method: 'GET', body: NO_BODY, ...(callId === undefined ? {} : { call: callId }) }),
      base: this.options.publicUrl + clientBase(peer.peer_id, agent),
      allow: (at) => (at.href.startsWith(`${theirs}i/`) ? this.guard.check(at.href) : { because: 'it is not below the URL of the peer' }),
      refusalOf: () => null, // What the peer says of itself has a header that tells.
      facts,
    };
  }

  private sign({ peer, key }: Known, { url, ...request }: ToSign): PlainHeaders {
    const between = { from: this.identity.instance_id, to: peer.remote_peer_id };
    return signRequest({ ...request, ...key, ...between, authority: url.host, path: url.pathname + url.search, now: new Date() });
  }
}

const byOf = (peer: CachedPeer, { caller, actor }: CheckedCaller) => ({
  ...{ direction: 'out' as const, peer_id: peer.peer_id, call_id: newCallId() },
  ...{ caller, actor, key_id: peer.secret_fingerprint },
});

interface Known {
  readonly peer: CachedPeer;
  readonly key: EnvelopeKey;
}

interface Wished {
  readonly peerId: string;
  readonly agent: string;
  readonly wanted: ToInterface;
  readonly caller: CheckedCaller;
  readonly startedMs: number;
}

interface ToSign {
  readonly url: URL;
  readonly method: string;
  readonly body: Buffer;
  readonly call?: string;
  readonly caller?: string;
}

const NO_BODY = Buffer.alloc(0);

/** As many as were announced, or more than are let through. */
const tooMany = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? BODY_BYTES + 1);

const factsOf = (peer: CachedPeer, agent: string): Record<string, string> => ({
  peer: `${peer.label} (${peer.peer_id})`,
  agent,
  far: `The peer ${peer.label}`,
  whose: 'this instance, from which the call was to go out,',
});

/**
 * A 401 is not forwarded: the caller would think that its own token is wrong. With our header it is about our signature, or the peer has
 * suspended us, which its heartbeats tell; without the header an agent said so, behind a peer of an earlier release, which passes that on.
 */
const refusalBy =
  ({ last_status: last }: CachedPeer) =>
  ({ statusCode, headers }: Answered): CallReason<'failed'> | null => {
    const isSuspended = last?.reason === 'suspended_by_operator' && last.details['by_them'] === true;
    if (headers[FAULT_HEADER] === 'federation.not-a-peer') return isSuspended ? 'suspended_by_peer' : 'auth_rejected';
    return statusCode === 401 && headers[FAULT_HEADER] === undefined ? 'agent_refused' : null;
  };

/** Which failure a fault of the peer tells of, which is passed on. */
const failureTold = ({ headers }: Answered): CallReason<'failed'> | null => toldByPeer(headers[FAULT_HEADER]);

type Answered = Pick<IncomingMessage, 'statusCode' | 'headers'>;
