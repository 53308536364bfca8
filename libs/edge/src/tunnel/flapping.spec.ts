import { EdgeProcess, GATEWAY, type Identity, type ScriptedAgent, eventually } from '../../testing/index.js';
import type { GatewayStatusChanged } from '../events/index.js';

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
  const facts = edge.course('agent-berlin');
  expect(edge.verdict('agent-berlin')).toMatchObject({ to: 'degraded', reason: 'flapping' });
  expect(facts.length).toBeLessThanOrEqual(8);
  await edge.clock.pass(60_000); // As many tunnels as may begin within a minute have begun.
  expect(edge.verdict('agent-berlin')).toMatchObject({ to: 'disconnected', reason: 'connection_lost' }); // That was an outage.
  await crash(6);
  expect(edge.verdict('agent-berlin')).toMatchObject({ to: 'degraded', reason: 'flapping' });
  expect(edge.course('agent-berlin').length).toBeLessThanOrEqual(2 * 8 + 1);
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
