import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { InstanceIdentity } from '@app/event-store';
import type { PublicEndpoint } from '@app/http';
import { type Admitted, type NotAdmitted, RequestAuthenticator, type Received, signAnswer } from '../../peers/ports.js';
import { RoutingTable, type RouteDecision } from '../../routing/ports.js';
import { AgentSources, agentRefusal, factsOf } from './agent-sources.provider.js';
import { BODY_BYTES, type FaultStyle, answerFault, answerTooLarge } from './answer-fault.adapter.js';
import { newCallId } from './call-id.js';
import { CarriedBody } from './carried-body.js';
import { CardRecords } from './card-records.provider.js';
import { Cards } from './cards.provider.js';
import { type FaultCode, faultOf } from './faults.js';
import { PATIENCE_MS } from './forward.adapter.js';
import { PEER_PREFIX, type Wanted, readPeerPath, urlBelow } from './paths.js';
import { INACTIVE, CallProxy, type ProxyRefusal, type ProxiedCall, type Target } from './call-proxy.provider.js';
import { AgentSockets } from './sockets.provider.js';
import { type Understood, isJsonRpc, isRead, recordedOf, understand } from './understood.adapter.js';

const AGENTS_PATH = '/federation/v1/agents';
const REFUSED = { 401: 'federation.not-a-peer', 503: 'federation.not-ready', 508: 'federation.loop' } as const;

type ToInterface = Extract<Wanted, { what: 'interface' }>;

/**
 * Where peers reach the agents that our routing rules open to them. Before its signature was checked, a request is answered with nothing
 * but a refusal, which is the same for all, and its body is read only if its envelope has the form and the time of one that is signed.
 */
@Injectable()
export class PeerEndpoint implements PublicEndpoint {
  readonly prefixes = [PEER_PREFIX, AGENTS_PATH];

  constructor(
    private readonly authenticator: RequestAuthenticator,
    private readonly routes: RoutingTable,
    private readonly proxy: CallProxy,
    private readonly sockets: AgentSockets,
    private readonly cards: Cards,
    private readonly sources: AgentSources,
    private readonly records: CardRecords,
    private readonly identity: InstanceIdentity,
  ) {}

  closing(): void {
    this.sockets.isClosing = true;
  }

  failing(): string | null {
    return this.routes.isLost ? 'routes' : null;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedMs = performance.now();
    const received = await this.authenticator.receive(request, BODY_BYTES);
    if (received === 'cut') return;
    if (received === 'too-long') return answerTooLarge(request, response, { toPeer: true });
    if ('status' in received) return this.refuse(request, response, received);
    const { body, ...admitted } = received;
    if (request.url === AGENTS_PATH) return this.agents(request, response, admitted);
    const path = readPeerPath(request.url ?? '');
    if (path === null) return answerFault(response, faultOf('federation.path-unknown'), { toPeer: true });
    if (path.wanted.what === 'card') return this.card(request, response, admitted, path.agent);
    return this.call(request, response, { admitted, agent: path.agent, wanted: path.wanted, body: new CarriedBody(body), startedMs });
  }

  /** {"agents": ["travel"]}: those that a rule names and opens to this peer. The answer is signed. */
  private agents(request: IncomingMessage, response: ServerResponse, { peer, key, nonce }: Admitted): void {
    if (request.method !== 'GET') return answerFault(response, faultOf('federation.method-not-allowed'), { toPeer: true });
    const body = Buffer.from(JSON.stringify({ agents: this.routes.agentsOpenTo(peer.peer_id) }));
    const parties = { from: this.identity.instance_id, to: peer.remote_peer_id };
    const signature = signAnswer({ ...key, ...parties, nonce, status: 200, body });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length, ...signature }).end(body);
  }

  private async card(request: IncomingMessage, response: ServerResponse, admitted: Admitted, agent: string): Promise<void> {
    const style: FaultStyle = { toPeer: true };
    const fault = (code: FaultCode): void => answerFault(response, faultOf(code, factsOf(agent)), style);
    if (request.method !== 'GET') return fault('federation.method-not-allowed');
    const asked = { ...byOf(admitted), agent };
    const route = this.proxy.reachable({ direction: 'in', peer_id: asked.peer_id, agent });
    if (route.target_url === null) {
      this.records.denied(asked, route);
      return fault('federation.call-denied');
    }
    const source = await this.sources.of(agent, route);
    if ('fault' in source) answerFault(response, source.fault, style);
    const missing = 'fault' in source ? source : await this.cards.answer(request, response, source, style);
    if (missing !== null) this.records.missing(asked, route, missing);
  }

  private async call(request: IncomingMessage, response: ServerResponse, of: Parties): Promise<void> {
    const { admitted, agent, wanted, body, startedMs } = of;
    const isRpc = isJsonRpc(request, wanted.path);
    const early: FaultStyle = { toPeer: true, rpcId: isRpc ? null : undefined };
    const asked = understand(request, wanted.path, body.bytes);
    if ('ambiguous' in asked) return answerFault(response, faultOf('federation.request-ambiguous', { because: asked.ambiguous }), early);
    const call = callOf(admitted, agent, asked, body.bytes.length);
    const style: FaultStyle = { ...early, rpcId: isRpc ? asked.id : undefined };
    const target = (decision: RouteDecision): Promise<Target> => this.targetOf(request, asked, of, decision);
    return this.proxy.proxy({ response, style, call, classes: asked.classes, facts: factsOf(agent), startedMs, target });
  }

  /** The answer is the same to all; what a peer did sign is on record. Who finds no room is told to come again, and not read further. */
  private refuse(request: IncomingMessage, response: ServerResponse, { status, reason, signed }: NotAdmitted): void {
    if (reason === 'no-room') response.setHeader('connection', 'close');
    const style: FaultStyle = { toPeer: true };
    const lost = signed === undefined ? null : signedCallOf(request, signed);
    if (signed === undefined || lost === null) return answerFault(response, faultOf(REFUSED[status]), style);
    this.proxy.refuse({ response, style, ...lost, facts: {} }, { reason: lostOf(reason, signed), code: REFUSED[status] });
  }

  private async targetOf(
    request: IncomingMessage,
    asked: Understood,
    { agent, wanted, body, startedMs }: Parties,
    decision: RouteDecision,
  ): Promise<Target> {
    const source = await this.sources.of(agent, decision);
    if ('fault' in source) return { failed: source.reason, fault: source.fault };
    const real = await this.cards.interfaceOf(source, wanted.key);
    if (real === null) return { unknown: true };
    if (!(real instanceof URL)) return { failed: real.reason, fault: real.fault };
    const headers = { ...asked.headers, ...source.headers() };
    const onward = { url: urlBelow(real.href, wanted.path), method: request.method ?? 'POST', headers: () => headers, body };
    const how = { sockets: this.sockets, isRead: isRead(asked), streamIdleMs: PATIENCE_MS, refusalOf: agentRefusal };
    return { onward: { ...onward, ...how, startedMs } };
  }
}

const byOf = ({ peer, call, caller, key_id }: Admitted) => ({
  ...{ direction: 'in' as const, peer_id: peer.peer_id, call_id: call ?? newCallId() },
  ...{ caller, actor: `peer:${peer.peer_id}`, key_id },
});

/** A call of a peer, as records have it. */
const callOf = (admitted: Admitted, agent: string, asked: Understood, bytes: number) => ({
  ...byOf(admitted),
  agent,
  ...recordedOf(asked, bytes),
});

/** Why what a peer signed goes no further, as records say it. */
function lostOf(reason: NotAdmitted['reason'], { peer }: Admitted): ProxyRefusal['reason'] {
  if (reason === 'loop') return 'loop';
  if (reason === 'hops') return 'too_many_hops';
  return peer.lifecycle === 'active' ? 'peer_not_active' : INACTIVE[peer.lifecycle].reason;
}

interface Parties {
  readonly admitted: Admitted;
  readonly agent: string;
  readonly wanted: ToInterface;
  readonly body: CarriedBody;
  readonly startedMs: number;
}

/** null: it is no call, or nobody can say which. */
function signedCallOf(request: IncomingMessage, signed: Received): Pick<ProxiedCall, 'call' | 'classes'> | null {
  const path = readPeerPath(request.url ?? '');
  if (path?.wanted.what !== 'interface') return null;
  const asked = understand(request, path.wanted.path, signed.body);
  return 'ambiguous' in asked ? null : { call: callOf(signed, path.agent, asked, signed.body.length), classes: asked.classes };
}
