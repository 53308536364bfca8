import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CallLog, type CallRecord, type Filled, EventSubscription, InstanceIdentity, LogAcceptance, NonceStore } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type PublicEndpoint, PublicListener, PublicOptions } from '@app/http';
import { type NewEvent, asId, newEvent } from '@app/kernel';
import { CallRecorder } from '../src/calls/runtime/call-recorder.provider.js';
import { type PeerId, PeerRegistered, PeerVerified, RouteAdded } from '../src/events/index.js';
import { FederationOptions } from '../src/federation.options.js';
import type { CallBinding } from '../src/proxy/runtime/call-bindings.js';
import { CallerCheck, type CheckedCaller } from '../src/proxy/runtime/caller-check.js';
import { AgentSources } from '../src/proxy/runtime/agent-sources.provider.js';
import { CardRecords } from '../src/proxy/runtime/card-records.provider.js';
import { Cards } from '../src/proxy/runtime/cards.provider.js';
import { ClientEndpoint } from '../src/proxy/runtime/client.endpoint.js';
import { PeerEndpoint } from '../src/proxy/runtime/peer.endpoint.js';
import { CallProxy } from '../src/proxy/runtime/call-proxy.provider.js';
import { AgentSockets, ProxySockets } from '../src/proxy/runtime/sockets.provider.js';
import { AgentCredentials } from '../src/routing/runtime/agent-credentials.provider.js';
import { RequestAuthenticator } from '../src/peers/runtime/request-authenticator.provider.js';
import { RejectedHandshakes } from '../src/peers/runtime/rejected-handshakes.provider.js';
import { LinkTiming } from '../src/peers/runtime/link-timing.js';
import { OwnRequests } from '../src/peers/runtime/own-requests.provider.js';
import { ProvenRefusals } from '../src/peers/runtime/proven-refusals.provider.js';
import { RefusalExplainer } from '../src/peers/runtime/refusal-explainer.provider.js';
import { CallCounters } from '../src/peers/runtime/call-counters.provider.js';
import { PeerCache } from '../src/peers/runtime/peer-cache.provider.js';
import { RoutingTable } from '../src/routing/runtime/routing-table.provider.js';
import { outboundGuard, targetGuard } from '../src/outbound.provider.js';
import { PeerSecrets } from '../src/peers/private/peer-secrets.provider.js';
import { RouteCredentials } from '../src/routing/private/route-credentials.provider.js';

/** What became of calls, for those who wait to see it. */
class RecordedCalls extends CallLog {
  private readonly waiting = new Set<() => void>();
  private from = 0;

  constructor(private readonly log: MemoryLog) {
    super();
  }

  /** How full the record is, as a test says. */
  filled: Filled | null = null;

  async record(event: NewEvent, record: CallRecord): Promise<string> {
    const position = await this.log.calls.record(event, record);
    for (const hear of this.waiting) hear();
    return position;
  }

  /** What the nth record of a type says, now or as soon as there is one; the deadline is that of the test. */
  async said(type: string, nth = 0): Promise<Readonly<Record<string, unknown>>> {
    for (;;) {
      const found = this.records.filter((event) => event.type === `federation.call.${type}`)[nth];
      if (found !== undefined) return found.data as Record<string, unknown>;
      const next = Promise.withResolvers<void>();
      this.waiting.add(next.resolve);
      await next.promise;
      this.waiting.delete(next.resolve);
    }
  }

  /** What is on record by now is of another test. */
  turnPage(): void {
    this.from = this.log.records.length;
  }

  get types(): string[] {
    return this.records.map(({ type }) => type.replace('federation.call.', ''));
  }

  private get records(): readonly NewEvent[] {
    return this.log.records.slice(this.from);
  }
}

export const TOKEN = 'Bearer cbt_operator';
export const WEAK_TOKEN = 'Bearer cbt_viewer';
/** One of too many that are not known. */
export const TOO_MANY = 'Bearer cbt_too_many';
/** Its bindings are `ProxyInstance.bindings`. */
export const BOUND_TOKEN = 'Bearer cbt_caller';
const ANY: CallBinding = { peer_id: null, agent: null, method_class: null };
const CALLERS: Readonly<Record<string, CheckedCaller>> = {
  [TOKEN]: { actor: 'token:t-1', caller: 'opaque-1', may: true, bindings: [ANY] },
  [WEAK_TOKEN]: { actor: 'token:t-2', caller: 'opaque-2', may: false, bindings: [ANY] },
};

/** An instance as far as the proxy goes, behind a real port: only its log, its secrets and its tokens are in memory. */
export interface ProxyInstance {
  readonly id: string;
  readonly url: string;
  readonly log: MemoryLog;
  readonly calls: RecordedCalls;
  readonly counters: CallCounters;
  /** What an endpoint threw. */
  readonly bugs: unknown[];
  /** What throws as its database would. */
  readonly broken: Set<'tokens' | 'secrets'>;
  /** The actors whose tokens are good no longer, for calls that are under way. */
  readonly revoked: Set<string>;
  /** Of BOUND_TOKEN. */
  readonly bindings: CallBinding[];
  /** Says that the right of this actor has ended, and how many heard it. */
  endRight(actor: string): number;
  /** Registers another as an active peer, and answers what it is called here. */
  befriend(other: Pick<ProxyInstance, 'id' | 'url'>, secret: string): PeerId;
  /** Adds a rule after all others, unless it says before which. */
  rule(rule: Partial<RouteAdded>): void;
  /** The values of the credentials that rules name, by their ids. */
  readonly credentials: Map<string, string>;
  /** Closes the connections it keeps to others. */
  forgetConnections(): void;
  close(): Promise<void>;
}

export async function openProxyInstance(id: string): Promise<ProxyInstance> {
  Logger.overrideLogger(false); // What is refused here is refused on purpose.
  const endpoints: PublicEndpoint[] = [];
  const bugs: unknown[] = [];
  const at = { host: '127.0.0.1', port: 0, closeMs: 0 };
  const listener = new PublicListener(
    endpoints,
    at,
    async () => [],
    (error) => bugs.push(error),
  );
  const url = `http://127.0.0.1:${await listener.listen()}`;
  const log = new MemoryLog();
  const [calls, secrets, credentials] = [new RecordedCalls(log), new Map<string, string>(), new Map<string, string>()];
  const broken: ProxyInstance['broken'] = new Set();
  const unless = <T>(machine: 'tokens' | 'secrets', answer: T): Promise<T> =>
    broken.has(machine) ? Promise.reject(new Error('PostgreSQL is down')) : Promise.resolve(answer);
  const revoked: ProxyInstance['revoked'] = new Set();
  const bindings: CallBinding[] = [];
  const listening = new Set<{ readonly actor: string; readonly ended: () => void }>();
  const check = async (authorization: string | undefined): Promise<CheckedCaller | null | 'too-often'> => {
    if (authorization === TOO_MANY) return 'too-often';
    const bound: CheckedCaller = { actor: 'token:t-3', caller: 'opaque-3', may: true, bindings };
    const caller = await unless('tokens', authorization === BOUND_TOKEN ? bound : (CALLERS[authorization ?? ''] ?? null));
    if (caller === null) return null;
    const onEnd = (ended: () => void): (() => void) => {
      const one = { actor: caller.actor, ended };
      listening.add(one);
      return () => listening.delete(one);
    };
    return { ...caller, isStillIn: () => unless('tokens', !revoked.has(caller.actor)), onEnd };
  };
  const given = {
    credentials: { reveal: (id: string) => unless('secrets', credentials.get(id) ?? null) },
    vault: { reveal: (secretId: string) => unless('secrets', secrets.get(secretId) ?? null) },
    callers: { check },
    identity: { instance_id: id, incarnation: 'one' },
  };
  class ProxyModule {}
  const proxy = {
    module: ProxyModule,
    providers: [
      ...[LinkTiming, OwnRequests, ProvenRefusals, RefusalExplainer],
      ...[
        outboundGuard,
        targetGuard,
        PeerCache,
        RequestAuthenticator,
        RejectedHandshakes,
        CallCounters,
        RoutingTable,
        CallRecorder,
        ProxySockets,
        AgentSockets,
        Cards,
      ],
      ...[AgentCredentials, AgentSources, CardRecords, CallProxy, ClientEndpoint, PeerEndpoint],
      { provide: EventSubscription, useValue: log.subscription },
      { provide: CallLog, useValue: calls },
      { provide: NonceStore, useValue: log.nonces },
      { provide: LogAcceptance, useValue: { isOpen: () => true, acceptedAt: () => null } satisfies LogAcceptance },
      { provide: PeerSecrets, useValue: given.vault },
      { provide: RouteCredentials, useValue: given.credentials },
      { provide: CallerCheck, useValue: given.callers },
      { provide: InstanceIdentity, useValue: given.identity },
      { provide: PublicOptions, useValue: { publicUrl: url } },
      {
        provide: FederationOptions,
        useValue: { allowCidrs: [], allowLoopbackHttp: true, targets: { allowLoopback: true, own: [] } } satisfies FederationOptions,
      },
    ],
  };
  // As in a process, the listener is a provider of the root, and so closes before what its endpoints are made of.
  const closesFirst = { provide: PublicListener, useValue: { onModuleDestroy: () => listener.close() } };
  const module = await Test.createTestingModule({ imports: [proxy], providers: [closesFirst] }).compile();
  await module.init();
  const counters = module.get(CallCounters);
  endpoints.push(module.get(ClientEndpoint), module.get(PeerEndpoint));
  let rules = 0;
  return {
    ...{ id, url, log, calls, counters, bugs, broken, revoked, credentials, bindings },
    endRight: (actor) => [...listening].filter((one) => one.actor === actor).map(({ ended }) => ended()).length,
    befriend: (other, secret) => {
      const about = { peer_id: asId<PeerId>(`peer-${other.id}`) };
      const secret_id = `secret-${secrets.size}`;
      secrets.set(secret_id, secret);
      const registered = { ...about, remote_peer_id: other.id, label: other.id, url: other.url, secret_id };
      log.add(newEvent(PeerRegistered, { ...PeerRegistered.example, ...registered }), newEvent(PeerVerified, about));
      return about.peer_id;
    },
    rule: (rule) => {
      const any = { before: null, peer_id: null, agent: null, classes: null, target_url: null, credential: null, limits: null, note: '' };
      log.add(newEvent(RouteAdded, { ...RouteAdded.example, ...any, rule_id: `rule-${++rules}`, ...rule }));
    },
    forgetConnections: () => {
      for (const sockets of [ProxySockets, AgentSockets]) module.get(sockets).onApplicationShutdown();
    },
    close: () => module.close(),
  };
}

/** Two instances that know each other, with rules that lead calls for `travel` from here to an agent there. */
export interface TestProxy {
  readonly here: ProxyInstance;
  readonly there: ProxyInstance;
  readonly secret: string;
  /** Where a client of ours finds an agent of the other; ends with a slash. */
  readonly forwarded: (agent?: string) => string;
  close(): Promise<void>;
}

export async function openProxy(targetUrl: string): Promise<TestProxy> {
  const [here, there] = await Promise.all([openProxyInstance('inst-here'), openProxyInstance('inst-there')]);
  const secret = randomBytes(32).toString('base64url');
  here.befriend(there, secret);
  there.befriend(here, secret);
  here.rule({ direction: 'out', agent: 'travel', action: 'allow' });
  there.rule({ direction: 'in', agent: 'travel', action: 'route', target_url: targetUrl });
  return {
    ...{ here, there, secret },
    forwarded: (agent = 'travel') => `${here.url}/a2a/peers/peer-inst-there/agents/${agent}/`,
    close: async () => {
      await Promise.all([here.close(), there.close()]);
      const bugs = [...here.bugs, ...there.bugs];
      if (bugs.length > 0) throw new AggregateError(bugs, 'a door threw');
    },
  };
}
