import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeGateway } from '../../../../test/fake-openclaw/fake-gateway.js';
import { Agent } from '../agent.js';
import { nameOf } from '../address.js';
import { State, publicKeyOf, uuid7 } from '../state.js';
import { FakeClock } from './fake-clock.js';
import { AGENT_ID, ScriptedServer } from './scripted-server.js';

/** An agent between a server and a gateway, all of them real on loopback; time and chance are the test's. */
export class AgentBench {
  readonly clock = new FakeClock();
  readonly server = new ScriptedServer();
  readonly gateway = new FakeGateway();
  readonly said: string[] = [];
  readonly path = mkdtempSync(join(tmpdir(), 'edge-agent-'));
  readonly state = new State(join(this.path, 'state'));
  /** What chance answers. */
  random = 0.5;
  private readonly agents: { agent: Agent; running: Promise<void> }[] = [];

  static async open(): Promise<AgentBench> {
    const bench = new AgentBench();
    bench.gateway.nowMs = () => bench.clock.monotonic();
    await Promise.all([bench.server.listen(), bench.gateway.listen()]);
    return bench;
  }

  /** Puts it as a join would. */
  joined({ token, gateways = 1 }: { token?: string; gateways?: 0 | 1 } = {}): this {
    this.state.prepare();
    this.server.publicKey = publicKeyOf(this.state.makeKey());
    const all = gateways === 0 ? [] : [{ name: nameOf(this.gateway.url), url: this.gateway.url }];
    this.state.join({ version: 1, agent_id: AGENT_ID, instance_uid: uuid7(this.clock.now()), server: this.server.url, gateways: all });
    if (token !== undefined) this.state.keepTokens({ [nameOf(this.gateway.url)]: token });
    return this;
  }

  run(): Agent {
    const { state, clock } = this;
    const say = (line: string): void => void this.said.push(line);
    const agent = new Agent({ state, version: '0.1.0', startedAtMs: clock.now(), clock, random: () => this.random, say });
    this.agents.push({ agent, running: agent.run() });
    return agent;
  }

  async ended(): Promise<void> {
    await Promise.all(this.agents.map(({ running }) => running));
  }

  async close(): Promise<void> {
    for (const { agent } of this.agents) void agent.stop('stop', null);
    await Promise.all([this.server.close(), this.gateway.close()]);
    await this.ended();
    rmSync(this.path, { recursive: true, force: true });
  }
}
