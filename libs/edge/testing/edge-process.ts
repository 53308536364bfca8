import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { InstanceKey } from '@app/config';
import { CommandHandler, EventSubscription, RequestReply, Telemetry } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type PublicAlias, PublicOptions, TrustedProxies } from '@app/http';
import { Clock, type Instant, asId, newEvent } from '@app/kernel';
import { DatabaseUnavailable } from '@app/read-store';
import { FakeClock } from '@app/kernel/testing';
import { AgentEnrolled, type AgentId, type AgentStatusChanged } from '../src/events/index.js';
import { JoinTokens } from '../src/private/join-tokens.provider.js';
import { edge } from '../src/context.js';
import { EdgeEndpoint } from '../src/runtime/edge.endpoint.js';
import { TIMES, TunnelTimes } from '../src/runtime/times.js';
import { TunnelManager } from '../src/runtime/tunnel-manager.provider.js';
import { eventually } from './eventually.js';
import { type Identity, ScriptedAgent, newIdentity } from './scripted-agent.js';

/** Which token is which, as the table says. */
class Vault implements Pick<JoinTokens, 'idOf'> {
  readonly tokens = new Map<string, string>();
  isDown = false;

  async idOf(token: string): Promise<never> {
    if (this.isDown) throw new DatabaseUnavailable('PostgreSQL does not answer');
    return (this.tokens.get(token) ?? null) as never;
  }
}

/** A process without SECRETS_KEY, which shows the key and signs nothing. */
const keyOf = (process: EdgeProcess): InstanceKey => ({
  get publicKey() {
    return process.instanceKey;
  },
  isKnown: true,
  known: Promise.resolve(),
  sign: () => null,
});

/** The process that holds tunnels, on a real port, with a clock of its own and a log that outlives it. */
export class EdgeProcess {
  readonly vault = new Vault();
  readonly answered = new Map<string, (request: object) => Promise<object | undefined>>();
  /** Null: it has no instance key. */
  instanceKey: string | null = null;
  url = '';
  private server: Server | undefined;
  private module: TestingModule | undefined;

  constructor(
    readonly log: MemoryLog = new MemoryLog(),
    readonly clock: FakeClock = new FakeClock(),
    private readonly times: TunnelTimes = TIMES,
    /** By the port it listens on. */
    private readonly aliases: (port: string) => readonly PublicAlias[] = () => [],
  ) {
    log.now = () => new Date(clock.wallMs()).toISOString() as Instant;
  }

  async start(): Promise<this> {
    Logger.overrideLogger(false);
    const server = (this.server = createServer());
    new TrustedProxies(['127.0.0.0/8']).watch(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const rpc: RequestReply = {
      ask: () => Promise.reject(new Error('nobody asks here')),
      answer: (name, _shape, answer) => {
        this.answered.set(name, answer as (request: object) => Promise<object | undefined>);
        return () => void this.answered.delete(name);
      },
    };
    const given = (provide: unknown, useValue: unknown) => ({ provide: provide as never, useValue });
    this.module = await Test.createTestingModule({
      providers: [
        ...edge.publicProviders,
        given(CommandHandler, this.log),
        given(EventSubscription, this.log.subscription),
        given(InstanceKey, keyOf(this)),
        given(Telemetry, this.log.telemetry),
        given(RequestReply, rpc),
        given(PublicOptions, { publicUrl: this.url, aliases: this.aliases(new URL(this.url).port) }),
      ],
    })
      .overrideProvider(Clock)
      .useValue(this.clock)
      .overrideProvider(TunnelTimes)
      .useValue(this.times)
      .overrideProvider(JoinTokens)
      .useValue(this.vault)
      .compile();
    await this.module.init();
    const { app } = this;
    server.on('request', (request, response) => void app.handle(request, response));
    server.on('upgrade', (request, socket, head) => app.upgrade(request, socket, head));
    await eventually('it takes tunnels', () => this.tunnels.hasCapacity);
    return this;
  }

  get tunnels(): TunnelManager {
    return this.started.get(TunnelManager);
  }

  get app(): EdgeEndpoint {
    return this.started.get(EdgeEndpoint);
  }

  private get started(): TestingModule {
    if (this.module === undefined) throw new Error('not started');
    return this.module;
  }

  /** In order, as at the end of a deployment. */
  async stop(): Promise<void> {
    let isOver = false;
    const over = this.module?.close().finally(() => (isOver = true));
    await eventually('it ends', () => isOver, 1_000).catch(() => this.clock.pass(10_000)); // Somebody does not answer: so long it waits.
    await over;
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /** An agent that joined at some time. */
  enroll(agentId: string): Identity {
    const identity = newIdentity(agentId);
    const about = { agent_id: asId<AgentId>(agentId), public_key: identity.publicKey };
    this.log.add(newEvent(AgentEnrolled, { ...AgentEnrolled.example, ...about }));
    return identity;
  }

  /** `from`: the address of the agent, as a proxy names it. Absent: loopback. */
  agent(identity: Identity, bootId?: string, from?: string): ScriptedAgent {
    return new ScriptedAgent(this.url, identity, bootId, undefined, from);
  }

  /** What an agent was said to be, one after the other. */
  statusHistory(agentId: string): string[] {
    return this.log.of<AgentStatusChanged>('edge.agent.status-changed', agentId).map(({ to }) => to);
  }

  evaluation(agentId: string): AgentStatusChanged | undefined {
    return this.log.of<AgentStatusChanged>('edge.agent.status-changed', agentId).at(-1);
  }
}
