import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { InstanceKey } from '@app/config';
import { InstanceIdentity } from '@app/event-store';
import { type PublicEndpoint, addressOf, networkOf } from '@app/http';
import { RateLimit, plainText } from '@app/kernel';
import type { PeerStatusWord } from '../events/peer-status.js';
import { type SaidKey, saidKey, shownKey } from './key-proof.adapter.js';
import { CallCounters } from './call-counters.provider.js';
import { LinkSupervisor } from './link-supervisor.provider.js';
import { PeerCache } from './peer-cache.provider.js';
import { LIFECYCLES } from '../peer-status.js';
import { Boot } from './boot.provider.js';
import { isOwnChallenge, makeChallenge } from './challenge.js';
import { signAnswer } from './envelope.js';
import { type Admitted, RequestAuthenticator } from './request-authenticator.provider.js';
import { HEARTBEAT_PATH, HELLO_PATH } from './link-client.provider.js';
import { LinkTiming } from './link-timing.js';
import { HeartbeatAsk, HelloAsk, type RefusalAnswer, isCommon, understood } from './messages.js';
import type { Explained } from './refusal-explainer.provider.js';
import { ShownKeys } from './shown-keys.provider.js';

const MAX_BYTES = 65_536;
/** From one network, of what no peer signed. Peers may share it with strangers, behind a proxy: what they sign does not count here. */
const STRANGERS = { perSecond: 50, burst: 200, maxKeys: 4_096 };
/** Of one peer: a hundred times what a link takes. */
const PEERS = { perSecond: 10, burst: 50, maxKeys: 1_024 };

/** What one side of a link says to the other: what is said here is signed as well, for the one request it answers. */
@Injectable()
export class LinkEndpoint implements PublicEndpoint {
  readonly prefixes = [HELLO_PATH, HEARTBEAT_PATH];
  private readonly log = new Logger('federation.link-door');
  private readonly strangers = new RateLimit(STRANGERS);
  private readonly peers = new RateLimit(PEERS);

  constructor(
    private readonly peersKnown: PeerCache,
    private readonly authenticator: RequestAuthenticator,
    private readonly supervisor: LinkSupervisor,
    private readonly counters: CallCounters,
    private readonly identity: InstanceIdentity,
    private readonly boot: Boot,
    private readonly timing: LinkTiming,
    private readonly instanceKey: InstanceKey,
    private readonly keys: ShownKeys,
  ) {}

  failing(): string | null {
    return this.peersKnown.isLost ? 'peers' : null;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const turnAway = (status: 401 | 404 | 405 | 413 | 508): void => {
      const isWithin = this.strangers.admits(networkOf(addressOf(request)), performance.now());
      refuse(response, isWithin ? status : 429, status === 413);
    };
    if (request.url !== HELLO_PATH && request.url !== HEARTBEAT_PATH) return turnAway(404);
    if (request.method !== 'POST') return turnAway(405);
    if (!this.instanceKey.isKnown) return refuse(response, 503, true); // Without its key this instance would look like one of an older release.
    const received = await this.authenticator.receive(request, MAX_BYTES, { lifecycles: LIFECYCLES, explains: true });
    if (received === 'cut') return;
    if (received === 'too-long') return turnAway(413);
    if ('status' in received && received.explained !== undefined) return this.explain(response, received.explained);
    if ('status' in received)
      return received.status === 503 ? refuse(response, 503, received.reason === 'no-room') : turnAway(received.status);
    if (!this.peers.admits(received.peer.peer_id, performance.now())) return refuse(response, 429);
    if (request.url === HELLO_PATH) await this.hello(received, received.body, response);
    else this.heartbeat(received, received.body, response);
  }

  private async hello(admitted: Admitted, body: Buffer, response: ServerResponse): Promise<void> {
    const ask = understood(HelloAsk, body);
    if (ask === undefined) return refuse(response, 400);
    this.seeKey(admitted, ask);
    const { peer, key } = admitted;
    const between = { secret: key.secret, me: this.identity.instance_id, peer: peer.remote_peer_id };
    const nowMs = this.timing.clock.wallMs();
    if (ask.step === 'hello') {
      const challenge = makeChallenge(between, nowMs);
      return this.say(response, admitted, { challenge, your_status: this.supervisor.statusOf(peer) });
    }
    const isProven = isCommon(this.timing.policy.protocol, ask) && isOwnChallenge(ask.challenge ?? '', between, nowMs);
    if (!isProven) return this.say(response, admitted, { challenge: null, your_status: 'pending' });
    try {
      await this.supervisor.verified(peer);
    } catch (error) {
      this.log.warn(`${peer.peer_id} answered its challenge, which cannot be written down: ${String(error)}`);
      return refuse(response, 503);
    }
    const your_status: PeerStatusWord = peer.lifecycle === 'pending' ? 'unknown' : this.supervisor.statusOf(peer);
    this.say(response, admitted, { challenge: null, your_status });
  }

  /** A heartbeat of a peer that is not verified, or is suspended, is answered and counts for nothing. */
  private heartbeat(admitted: Admitted, body: Buffer, response: ServerResponse): void {
    const ask = understood(HeartbeatAsk, body);
    if (ask === undefined) return refuse(response, 400);
    this.seeKey(admitted, ask);
    const { peer } = admitted;
    if (peer.lifecycle === 'active') this.supervisor.receive(peer, ask);
    this.say(response, admitted, { ...this.counters.of(peer.peer_id), your_status: this.supervisor.statusOf(peer) });
  }

  private seeKey({ peer, from, nonce }: Admitted, ask: SaidKey): void {
    this.keys.see(peer, shownKey(ask, { from, to: this.identity.instance_id, nonce, kind: 'ask' }));
  }

  /** A refusal that names its cause is signed: it goes to who proved to be a peer, and holds for the one request it answers. */
  private explain(response: ServerResponse, { cause, key, from: to, nonce }: Explained): void {
    const body = Buffer.from(
      JSON.stringify({ ...problemFor(401), ...saidOf(cause), sent_at: this.boot.says(this.timing.clock.wallMs()).sent_at }),
    );
    const headers = signAnswer({ ...key, from: this.identity.instance_id, to, nonce, status: 401, body });
    response.writeHead(401, { ...headers, ...headersOf(body), 'content-type': 'application/problem+json' });
    response.end(body);
  }

  private say(response: ServerResponse, { from: to, nonce, key }: Admitted, said: object): void {
    const from = this.identity.instance_id;
    const own = { ...this.boot.says(this.timing.clock.wallMs()), ...saidKey(this.instanceKey, { from, to, nonce, kind: 'answer' }) };
    const body = Buffer.from(JSON.stringify({ ...own, ...said }));
    const headers = signAnswer({ ...key, from, to, nonce, status: 200, body });
    response.writeHead(200, { ...headers, ...headersOf(body), 'content-type': 'application/json' });
    response.end(body);
  }
}

const headersOf = (body: Buffer) => ({ 'content-length': body.length, 'cache-control': 'no-store' });

const saidOf = (cause: Explained['cause']): Omit<RefusalAnswer, 'sent_at'> =>
  cause.kind === 'clock'
    ? { cause: 'clock', signed_for: null, accepted: null, ended_at: null }
    : { cause: 'address', signed_for: cause.signedFor, accepted: plainText(cause.accepted.join(', '), 1_024), ended_at: cause.endedAt };

/** The same for everybody, whatever the reason: what a stranger learns here is the status. */
const REFUSALS = {
  400: ['http.invalid', 'Not understood', 'The body is not as this protocol has it.'],
  401: ['federation.not-a-peer', 'Not a peer', 'The request is not signed by a peer of this instance.'],
  404: ['http.404', 'Not found', 'Nothing is answered here.'],
  405: ['http.405', 'Method not allowed', 'Only POST is answered here.'],
  413: ['http.413', 'Too long', `A body may have ${MAX_BYTES} bytes.`],
  429: ['http.429', 'Too often', 'This address, or this peer, asks too often.'],
  503: ['federation.not-ready', 'Not ready', 'This instance cannot tell now whether to let the request in.'],
  508: ['federation.loop', 'Loop detected', 'The request passed through too many instances, or through this one before.'],
} as const;

function problemFor(status: keyof typeof REFUSALS): object {
  const [code, title, detail] = REFUSALS[status];
  return { type: `urn:problem:${code}`, title, status, code, detail, next: 'Compare with the description of the link.' };
}

/** `isLast`: what is left of the body is not read, and the connection is closed. */
function refuse(response: ServerResponse, status: keyof typeof REFUSALS, isLast = false): void {
  const body = JSON.stringify(problemFor(status));
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(isLast ? { connection: 'close' } : {}),
    ...(status === 429 || status === 503 ? { 'retry-after': '1' } : {}),
  });
  response.end(body);
}
