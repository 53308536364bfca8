import { EdgeProcess } from '../../testing/edge-process.js';
import { eventually } from '../../testing/eventually.js';
import type { Identity, ScriptedAgent } from '../../testing/scripted-agent.js';
import { LIMITS } from '../tunnel.protocol.js';
import { MAX_STRANGERS, MAX_STRANGERS_OF_ONE } from './strangers.js';
import { TIMES, type TunnelTimes } from './times.js';

let edge: EdgeProcess;
let agents: ScriptedAgent[];
let identity: Identity;
/** Answers so many agents besides the one that has always joined. */
const start = async (times: TunnelTimes = TIMES, others = 0): Promise<Identity[]> => {
  agents = [];
  edge = new EdgeProcess(undefined, undefined, times);
  identity = edge.enroll('agent-berlin');
  const fleet = Array.from({ length: others }, (_, i) => edge.enroll(`agent-${i}`));
  await edge.start();
  return fleet;
};
afterEach(async () => {
  for (const { socket } of agents) socket.terminate();
  await edge.stop();
});

const handshake = (from: string, as: Identity = identity): ScriptedAgent => {
  const agent = edge.agent(as, undefined, from);
  agents.push(agent);
  return agent;
};
const answered = (some: readonly ScriptedAgent[]): Promise<void> =>
  eventually('they are answered', () => some.every(({ frames, refused }) => refused !== undefined || frames.length > 0));
/** The statuses of those that were refused. */
const refusals = (some: readonly ScriptedAgent[]): number[] =>
  some.flatMap(({ refused }) => (refused === undefined ? [] : [refused.status]));
const refused = async (from: string): Promise<unknown> => {
  const agent = handshake(from);
  await answered([agent]);
  return agent.refused;
};
/** Asks again until it is let in. */
const admitted = async (from: string): Promise<void> => {
  const deadline = performance.now() + 10_000;
  while ((await refused(from)) !== undefined) if (performance.now() > deadline) throw new Error(`${from} is not let in`);
};
const silent = async (from: string, count: number): Promise<ScriptedAgent[]> => {
  const some = Array.from({ length: count }, () => handshake(from));
  await answered(some);
  return some;
};

describe('sockets that have not said which agent they are', () => {
  const PLENTY = { ...TIMES, handshakesPerSecond: 100_000 };
  const putOff = { status: 503, retryAfter: expect.stringMatching(/^\d+$/) };

  it('are bounded for each address, which has room again when one leaves, says so, or is late', async () => {
    await start(PLENTY);
    const [first, second] = await silent('192.0.2.1', MAX_STRANGERS_OF_ONE);
    expect(await refused('192.0.2.1')).toEqual(putOff);
    expect(await refused('192.0.2.2')).toBeUndefined();

    first?.socket.terminate();
    await admitted('192.0.2.1');
    expect(await refused('192.0.2.1')).toMatchObject({ status: 503 });

    await second?.enter();
    await admitted('192.0.2.1');
    expect(await refused('192.0.2.1')).toMatchObject({ status: 503 });

    await edge.clock.pass(LIMITS.handshakeMs + 1_000);
    await admitted('192.0.2.1');
  }, 30_000);

  it('of one /64 of IPv6 are of one address', async () => {
    await start(PLENTY);
    const some = Array.from({ length: MAX_STRANGERS_OF_ONE }, (_, i) => handshake(`2001:db8::${i.toString(16)}`));
    await answered(some);
    expect(refusals(some)).toEqual([]);
    expect(await refused('2001:db8::ffff')).toEqual(putOff);
    expect(await refused('2001:db8:0:1::1')).toBeUndefined();
  }, 30_000);

  it('are bounded in total, whatever their addresses', async () => {
    await start(PLENTY);
    for (let n = 0; n < MAX_STRANGERS / MAX_STRANGERS_OF_ONE; n++)
      expect(refusals(await silent(`192.0.2.${n}`, MAX_STRANGERS_OF_ONE))).toEqual([]);
    expect(await refused('198.51.100.1')).toEqual(putOff);
    agents[0]?.socket.terminate();
    await eventually('there is room', () => edge.tunnels.hasCapacity);
    expect(await refused('198.51.100.1')).toBeUndefined();
    expect(await refused('198.51.100.1')).toEqual(putOff);
  }, 60_000);
});

describe('handshakes of an address', () => {
  const enter = async (agent: ScriptedAgent): Promise<ScriptedAgent> => {
    await agent.enter();
    return agent;
  };

  it('without proof leave half of all to other addresses', async () => {
    const fleet = await start(TIMES, 16);
    const flood = await silent('192.0.2.1', 150);
    expect(refusals(flood)).toHaveLength(100);
    const entered = await Promise.all(fleet.map((as, i) => enter(handshake(`198.51.100.${i}`, as))));
    expect(entered).toHaveLength(16);
    await edge.clock.pass(1_000); // A tenth of all comes back a second.
    expect(refusals(await silent('192.0.2.1', 20))).toHaveLength(10);
  }, 30_000);

  it('do not count once the agents behind it have proved who they are', async () => {
    const fleet = await start(TIMES, 90);
    for (const as of fleet) await enter(handshake('192.0.2.1', as));
    expect(refusals(agents)).toEqual([]);
  }, 30_000);

  it('count when a signature is wrong, or when an agent begins too many tunnels', async () => {
    const [other] = (await start(TIMES, 1)) as [Identity];
    for (let i = 0; i < 25; i++) await handshake('192.0.2.1').hello({ key: other.key });
    for (let i = 0; i < 10; i++) await enter(handshake('192.0.2.1', other));
    for (let i = 0; i < 25; i++) {
      const agent = handshake('192.0.2.1', other);
      await agent.hello();
      expect((await agent.gone()).code).toBe(4429);
    }
    expect(await refused('192.0.2.1')).toMatchObject({ status: 503 });
    expect(await refused('198.51.100.1')).toBeUndefined();
  }, 30_000);
});
