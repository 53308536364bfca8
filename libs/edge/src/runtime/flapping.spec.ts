import { EdgeProcess, GATEWAY, type Identity, type ScriptedAgent, eventually } from '../../testing/index.js';
import type { AgentSynced, GatewayStatusChanged } from '../events/index.js';
import { LIMITS } from '../tunnel.protocol.js';

let edge: EdgeProcess;
let berlin: Identity;
beforeEach(async () => {
  edge = new EdgeProcess();
  berlin = edge.enroll('agent-berlin');
  await edge.start();
});
afterEach(() => edge.stop());

let boots = 0;
/** The agent enters, stands for 5 s and crashes: its connection breaks, and a new process comes. */
async function crash(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const agent = edge.agent(berlin, `boot-${boots++}`);
    await agent.enter();
    await edge.clock.pass(5_000);
    agent.vanish();
    await eventually(
      'its end is known',
      () => edge.log.of('edge.tunnel.disconnected').length === edge.log.of('edge.tunnel.connected').length,
    );
    await edge.clock.pass(2_000);
  }
}
const enter = async (): Promise<ScriptedAgent> => {
  const agent = edge.agent(berlin);
  await agent.enter();
  return agent;
};

it('calls an agent flapping that crashes six times in 40 s, and writes a bounded number of facts about its status', async () => {
  (await enter()).vanish();
  await edge.clock.pass(1_000);
  await crash(6);
  const facts = edge.statusHistory('agent-berlin');
  expect(edge.evaluation('agent-berlin')).toMatchObject({ to: 'degraded', reason: 'flapping' });
  expect(facts.length).toBeLessThanOrEqual(8);
  await edge.clock.pass(60_000); // As many tunnels as may begin within a minute have begun.
  expect(edge.evaluation('agent-berlin')).toMatchObject({ to: 'disconnected', reason: 'connection_lost' }); // That was an outage.
  await crash(6);
  expect(edge.evaluation('agent-berlin')).toMatchObject({ to: 'degraded', reason: 'flapping' });
  expect(edge.statusHistory('agent-berlin').length).toBeLessThanOrEqual(2 * 8 + 1);
});

it('calls a gateway flapping that comes and goes, and writes a bounded number of facts about it', async () => {
  const agent = await enter();
  let reports = 0;
  const changes = (): GatewayStatusChanged[] => edge.log.of<GatewayStatusChanged>('edge.gateway.status-changed');
  const state = (): string | null | undefined => changes().at(-1)?.to;
  const flip = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      agent.report({ gateways: [{ ...GATEWAY, state: i % 2 === 0 ? 'unreachable' : 'ready' }] });
      const acks = (reports += 1);
      await eventually('it is taken', () => agent.frames.filter(({ type }) => type === 'ack').length === acks);
      await edge.clock.pass(6_000);
    }
  };
  await flip(12);
  expect(state()).toBe('flapping');
  const many = changes().length;
  expect(many).toBeLessThanOrEqual(8);
  await flip(20);
  expect(changes()).toHaveLength(many);
  await flip(1);
  expect(changes()).toHaveLength(many);
  await edge.clock.pass(10_000); // 16 s without a break: that is an outage.
  await eventually('its outage is told', () => state() === 'unreachable');
  expect(changes()).toHaveLength(many + 1);
});

describe('an agent with as many gateways as it may have', () => {
  const NAMES = Array.from({ length: LIMITS.gateways }, (_, i) => `gateway-${i}`);
  /** Of its reports: those about gateways, and those of the agent that hold them. */
  const facts = (): number => edge.log.of('edge.gateway.status-changed').length + edge.log.of('edge.agent.synced').length;
  const last = (): Map<string, string | null> =>
    new Map(edge.log.of<GatewayStatusChanged>('edge.gateway.status-changed').map(({ gateway, to }) => [gateway, to]));
  let agent: ScriptedAgent;
  let reports = 0;
  beforeEach(async () => {
    reports = 0;
    agent = await enter();
  });
  const report = async (names: readonly string[], state: string, version: string): Promise<void> => {
    agent.report({ gateways: names.map((name) => ({ ...GATEWAY, name, state, version })) });
    reports++;
    await eventually('it is taken', () => agent.frames.filter(({ type }) => type === 'ack').length === reports);
  };
  /** Pings are answered meanwhile, as in life. */
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 15_000) {
      await edge.clock.pass(Math.min(15_000, left));
      await edge.tunnels.ping('agent-berlin');
    }
  };
  /** At once, and 12 a minute; the last round may be 65: of all gateways that are new, all that are gone, and the agent itself. */
  const most = (minutes: number): number => 40 + 12 * minutes + 65;

  it('that flips all of them writes a bounded number of facts, and at the end each as it is', async () => {
    for (let i = 0; i < 20; i++) {
      await report(NAMES, i % 2 === 0 ? 'unreachable' : 'ready', '1.0.0');
      await pass(1_000);
    }
    expect(facts()).toBeLessThanOrEqual(66); // Two rounds.
    await report(NAMES, 'draining', '1.0.1');
    await pass(20 * 60_000);
    expect(last()).toEqual(new Map(NAMES.map((name) => [name, 'draining'])));
    expect(edge.log.of<AgentSynced>('edge.agent.synced').at(-1)?.gateways).toMatchObject(NAMES.map((name) => ({ name, version: '1.0.1' })));
  }, 60_000);

  it('that flips them too seldom to be flapping does so as well', async () => {
    for (let i = 0; i < 15; i++) {
      await report(NAMES, i % 2 === 0 ? 'unreachable' : 'ready', '1.0.0');
      await pass(60_000);
    }
    expect(facts()).toBeLessThanOrEqual(most(15));
    expect(facts()).toBeGreaterThan(100); // It is told of, as often as there is room.
  }, 60_000);

  it('that names other ones each time does so as well', async () => {
    for (let i = 0; i < 30; i++) {
      const names = NAMES.map((name) => `${name}-${i % 7}`);
      await report(names, 'ready', '1.0.0');
      await pass(6_000);
    }
    expect(facts()).toBeLessThanOrEqual(most(3));
    await report(['main'], 'ready', '1.0.0');
    await pass(10 * 60_000);
    expect([...last()].filter(([, state]) => state !== null)).toEqual([['main', 'ready']]);
  }, 60_000);
});
