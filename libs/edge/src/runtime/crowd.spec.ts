import { MemoryLog } from '@app/event-store/testing';
import { asId, newEvent } from '@app/kernel';
import { FakeClock, later } from '@app/kernel/testing';
import { EdgeProcess, type Identity, ScriptedAgent, eventually, session } from '../../testing/index.js';
import { type AgentId, AgentStatusChanged, TunnelConnected, type TunnelDisconnected } from '../events/index.js';
import { readClose } from '../tunnel.protocol.js';
import { TIMES, TunnelTimes } from './times.js';

/** Many at once, two with one name, and what becomes of all when this side goes. */
let edge: EdgeProcess;
let others: EdgeProcess[] = [];
const process = async (log = new MemoryLog(), clock = new FakeClock(), times: TunnelTimes = TIMES): Promise<EdgeProcess> => {
  edge = new EdgeProcess(log, clock, times);
  others.push(edge);
  return edge;
};
afterEach(async () => {
  for (const one of others) await one.stop();
  others = [];
});

const enrolled = (count: number): Identity[] => Array.from({ length: count }, (_, i) => edge.enroll(`agent-${String(i).padStart(3, '0')}`));
const enter = async (identity: Identity, bootId?: string): Promise<ScriptedAgent> => {
  const agent = edge.agent(identity, bootId);
  await agent.enter();
  return agent;
};
/** As agents do: who is sent away comes again, a second later. */
const enterAll = async (identities: readonly Identity[]): Promise<ScriptedAgent[]> => {
  const inside: ScriptedAgent[] = [];
  for (let left = [...identities]; left.length > 0; await edge.clock.pass(1_000)) {
    const tried = left.map((identity) => ({ identity, agent: edge.agent(identity) }));
    const entered = await Promise.all(
      tried.map(({ agent }) =>
        agent.enter().then(
          () => true,
          () => false,
        ),
      ),
    );
    inside.push(...tried.filter((_, i) => entered[i]).map(({ agent }) => agent));
    left = tried.filter((_, i) => !entered[i]).map(({ identity }) => identity);
  }
  return inside;
};
const settled = async (agents: readonly ScriptedAgent[]): Promise<void> => {
  for (const agent of agents) agent.report();
  await Promise.all(agents.map((agent) => agent.said('ack')));
  await edge.clock.pass(12_000);
  await eventually('all are connected', () => agents.every(({ identity }) => edge.statusHistory(identity.agentId).at(-1) === 'connected'));
};
/** So that no answer to a ping is late by a clock that is too fast. */
const allAnswer = async (agents: readonly ScriptedAgent[]): Promise<void> =>
  void (await Promise.all(agents.map(({ identity }) => edge.tunnels.ping(identity.agentId))));
const everSaid = (): Set<string> => new Set(edge.log.of<AgentStatusChanged>('edge.agent.status-changed').map(({ to }) => to));
const RED = ['disconnected', 'stale', 'quarantined'];

describe('when this side starts anew', () => {
  const restarted = async (times: TunnelTimes = TIMES): Promise<EdgeProcess> => {
    await edge.stop();
    others = others.filter((one) => one !== edge);
    const next = await process(edge.log, edge.clock, times);
    return next.start();
  };

  it('500 agents come back, and none is red', async () => {
    await process();
    const identities = enrolled(500);
    await edge.start();
    await settled(await enterAll(identities));
    await restarted();
    await edge.clock.pass(1_000);
    await edge.clock.pass(20_000);
    expect(new Set(identities.map(({ agentId }) => edge.statusHistory(agentId).at(-1)))).toEqual(new Set(['unknown']));
    const back = await enterAll(identities);
    await eventually('all are connected', () => identities.every(({ agentId }) => edge.statusHistory(agentId).at(-1) === 'connected'));
    for (const agent of back) agent.report();
    for (let i = 0; i < 4; i++) {
      await edge.clock.pass(20_000);
      await allAnswer(back);
    }
    for (const red of RED) expect(everSaid()).not.toContain(red);
  }, 120_000);

  it('many come back, each when it was told to, and none is red however late that is', async () => {
    const slowly = { ...TIMES, returnMsEach: 15_000 }; // Ten are told what 10 000 are.
    await process(undefined, undefined, slowly);
    const identities = enrolled(10);
    await edge.start();
    const agents = await enterAll(identities);
    await settled(agents);
    const stoppedMs = edge.clock.nowMs();
    await restarted(slowly);
    const waitMs = ({ closed }: ScriptedAgent): number => readClose(closed?.code ?? 0, closed?.reason ?? '').retryAfterMs ?? 0;
    const back: ScriptedAgent[] = [];
    for (const agent of agents.toSorted((a, b) => waitMs(a) - waitMs(b))) {
      for (const dueMs = stoppedMs + waitMs(agent); edge.clock.nowMs() < dueMs; await allAnswer(back))
        await edge.clock.pass(Math.min(10_000, dueMs - edge.clock.nowMs()));
      back.push(await enter(agent.identity));
    }
    for (const red of RED) expect(everSaid()).not.toContain(red);
    const statusHistory = ['enrolled', 'connected', 'unknown', 'connected'];
    await eventually('all are connected', () =>
      identities.every(({ agentId }) => edge.statusHistory(agentId).length >= statusHistory.length),
    );
    for (const { agentId } of identities) expect(edge.statusHistory(agentId).slice(0, statusHistory.length)).toEqual(statusHistory);
  });

  it('who is turned away comes the later the more are expected', async () => {
    await process(undefined, undefined, { ...TIMES, handshakesPerSecond: 1 });
    const identities = enrolled(90);
    for (const { agentId } of identities) {
      const about = { ...AgentStatusChanged.example, agent_id: asId<AgentId>(agentId), since: later(0) };
      edge.log.add(newEvent(AgentStatusChanged, { ...about, from: 'enrolled', to: 'connected' }));
    }
    await edge.start();
    const agents = identities.map((identity) => edge.agent(identity));
    await eventually('all are answered', () => agents.every(({ frames, refused }) => frames.length > 0 || refused !== undefined));
    const waits = agents.flatMap(({ refused }) => (refused === undefined ? [] : [Number(refused.retryAfter)]));
    expect(waits).toHaveLength(89);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...waits)).toBeGreaterThan(45);
    expect(Math.max(...waits)).toBeLessThanOrEqual(91);
  });

  it('one that does not come back is unknown for 70 s, and red then', async () => {
    await process();
    const [berlin] = enrolled(1);
    if (berlin === undefined) throw new Error('nobody');
    await edge.start();
    await settled([await enter(berlin)]);
    await restarted();
    await edge.clock.pass(69_000);
    expect(edge.statusHistory(berlin.agentId).at(-1)).toBe('unknown');
    await edge.clock.pass(3_000);
    expect(edge.statusHistory(berlin.agentId).at(-1)).toBe('disconnected');
  });

  it('one that was red before is not unknown, and stale after a day', async () => {
    await process();
    const [berlin] = enrolled(1);
    if (berlin === undefined) throw new Error('nobody');
    const about = { ...AgentStatusChanged.example, agent_id: asId<AgentId>(berlin.agentId), since: later(0) };
    edge.log.add(newEvent(AgentStatusChanged, { ...about, from: 'enrolled', to: 'disconnected' }));
    await edge.start();
    await edge.clock.pass(100_000);
    expect(edge.statusHistory(berlin.agentId)).toEqual(['disconnected']);
    edge.clock.jump(24 * 3_600_000);
    await edge.clock.pass(2_000);
    await edge.clock.pass(2_000);
    expect(edge.statusHistory(berlin.agentId)).toEqual(['disconnected', 'stale']);
  });

  it('tunnels that its death cut off are ended in the log, when it is sure', async () => {
    await process();
    const [berlin, lisbon] = enrolled(2);
    if (berlin === undefined || lisbon === undefined) throw new Error('nobody');
    for (const [i, { agentId }] of [berlin, lisbon].entries())
      edge.log.add(
        newEvent(TunnelConnected, { ...TunnelConnected.example, agent_id: asId<AgentId>(agentId), session_id: session(i), epoch: 7 }),
      );
    await edge.start();
    await edge.clock.pass(2_000);
    const agent = await enter(berlin);
    expect(await agent.said('welcome')).toMatchObject({ epoch: 8 });
    const lost = (): string[] =>
      edge.log.of<TunnelDisconnected>('edge.tunnel.disconnected').map(({ session_id, reason }) => `${session_id} ${reason}`);
    expect(lost()).toEqual(['session-0 server_lost']);
    await edge.clock.pass(60_000);
    expect(lost()).toEqual(['session-0 server_lost']);
    await edge.clock.pass(15_000);
    expect(lost()).toEqual(['session-0 server_lost', 'session-1 server_lost']);
  });

  it('all are sent away, each with another moment to come back, and the log says so', async () => {
    await process();
    const identities = enrolled(20);
    await edge.start();
    const agents = await enterAll(identities);
    await edge.stop();
    others = [];
    await eventually('all are closed', () => agents.every(({ closed }) => closed !== undefined));
    const closes = agents.map(({ closed }) => closed);
    expect(closes.every((closed) => closed?.code === 1012)).toBe(true);
    const waits = closes.map((closed) => readClose(closed?.code ?? 0, closed?.reason ?? '').retryAfterMs ?? 0);
    expect(new Set(waits).size).toBeGreaterThan(10);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(500);
    const ends = edge.log.of<TunnelDisconnected>('edge.tunnel.disconnected');
    expect(ends.map(({ reason }) => reason)).toEqual(Array.from({ length: 20 }, () => 'server_drain'));
    expect([...everSaid()].filter((status) => status !== 'enrolled')).toEqual([]);
  });
});

describe('when much breaks at once', () => {
  const broken = async (count: number, of: number): Promise<Identity[]> => {
    await process();
    const identities = enrolled(of);
    await edge.start();
    const agents = await enterAll(identities);
    await settled(agents);
    for (const agent of agents.slice(0, count)) agent.vanish();
    await eventually('all ends are known', () => edge.log.of('edge.tunnel.disconnected').length === count);
    return agents.slice(0, count).map(({ identity }) => identity);
  };

  it('more than half are unknown for 70 s, and red then', async () => {
    const lost = await broken(4, 6);
    await edge.clock.pass(60_000);
    for (const { agentId } of lost) expect(edge.statusHistory(agentId).slice(2)).toEqual(['unknown']);
    await edge.clock.pass(15_000);
    for (const { agentId } of lost) expect(edge.statusHistory(agentId).slice(2)).toEqual(['unknown', 'disconnected']);
  });

  it('half are red as any other', async () => {
    const lost = await broken(3, 6);
    await edge.clock.pass(20_000);
    for (const { agentId } of lost) expect(edge.statusHistory(agentId).slice(2)).toEqual(['reconnecting', 'disconnected']);
  });

  it('two are no crowd', async () => {
    const lost = await broken(2, 2);
    await edge.clock.pass(20_000);
    for (const { agentId } of lost) expect(edge.statusHistory(agentId).at(-1)).toBe('disconnected');
  });
});

it('what passed while this side did not run is nobody’s fault', async () => {
  await process();
  const [berlin] = enrolled(1);
  if (berlin === undefined) throw new Error('nobody');
  await edge.start();
  const agent = await enter(berlin);
  await settled([agent]);
  edge.clock.jump(120_000);
  await edge.clock.pass(10_000);
  expect(agent.closed).toBeUndefined();
  expect(edge.statusHistory(berlin.agentId)).not.toContain('disconnected');
});

describe('two processes with one identity', () => {
  /** Each comes back after the other took its place. */
  const takeTurns = async (identity: Identity, boots: readonly string[]): Promise<ScriptedAgent[]> => {
    const agents: ScriptedAgent[] = [];
    for (const boot of boots) {
      const agent = edge.agent(identity, boot);
      agents.push(agent);
      await agent.hello({ hello: { hostname: `host-of-${boot}` } });
      await eventually('answered', () => agent.closed !== undefined || agent.frames.some(({ type }) => type === 'welcome'));
      await edge.clock.pass(5_000);
    }
    return agents;
  };
  let berlin: Identity;
  beforeEach(async () => {
    await process();
    berlin = edge.enroll('agent-berlin');
    await edge.start();
  });

  it('are both kept out, by name, and do not flap', async () => {
    const agents = await takeTurns(berlin, ['a', 'b', 'a', 'b', 'a', 'b']);
    expect(agents.slice(3).map(({ closed }) => closed?.code)).toEqual([4429, 4429, 4429]);
    const last = agents.at(-1)?.closed;
    expect(readClose(last?.code ?? 0, last?.reason ?? '').retryAfterMs).toBeGreaterThanOrEqual(60_000);
    expect(edge.evaluation('agent-berlin')).toMatchObject({ to: 'quarantined', reason: 'duplicate_identity' });
    expect(edge.evaluation('agent-berlin')?.details).toEqual({ hostnames: ['host-of-a', 'host-of-b'] });
    expect(edge.statusHistory('agent-berlin').filter((status) => status === 'quarantined')).toHaveLength(1);
    expect(edge.log.of<TunnelDisconnected>('edge.tunnel.disconnected').map(({ reason }) => reason)).toEqual(['duplicate_identity']);
  });

  it('that become one are let in again, five minutes later', async () => {
    await takeTurns(berlin, ['a', 'b', 'a', 'b']);
    await edge.clock.pass(200_000);
    const [early] = await takeTurns(berlin, ['a']);
    expect(early?.closed?.code).toBe(4429);
    await edge.clock.pass(100_000);
    const [alone] = await takeTurns(berlin, ['a']);
    expect(alone?.closed).toBeUndefined();
    expect(edge.statusHistory('agent-berlin').at(-1)).toBe('reconnecting');
  });

  it('are not what an agent is that starts anew again and again', async () => {
    const agents = await takeTurns(berlin, ['a', 'b', 'c', 'd', 'e', 'f']);
    expect(agents.at(-1)?.closed).toBeUndefined();
    expect(everSaid()).not.toContain('quarantined');
  });
});

describe('handshakes', () => {
  it('beyond a hundred a second are put off', async () => {
    await process();
    const identity = edge.enroll('agent-berlin');
    await edge.start();
    const agents = Array.from({ length: 130 }, (_, i) => edge.agent(identity, undefined, `192.0.2.${i % 4}`));
    await eventually('all are answered', () => agents.every(({ frames, refused }) => frames.length > 0 || refused !== undefined));
    const refused = agents.flatMap((agent) => agent.refused ?? []);
    expect(refused).toHaveLength(30);
    for (const { status, retryAfter } of refused) expect([status, Number(retryAfter)]).toEqual([503, expect.any(Number)]);
    await edge.clock.pass(1_000);
    await edge.agent(identity).said('challenge');
  });

  it.each([
    ['another subprotocol', ['clawbutler.tunnel.v9'], 400],
    ['no subprotocol', [], 400],
  ])('with %s are refused', async (_name, protocols, status) => {
    await process();
    const identity = edge.enroll('agent-berlin');
    await edge.start();
    const agent = new ScriptedAgent(edge.url, identity, 'boot', [...protocols]);
    await eventually('it is refused', () => agent.refused !== undefined);
    expect(agent.refused?.status).toBe(status);
  });
});

describe('a ping', () => {
  const ping = async (agent_id: string): Promise<unknown> => edge.answered.get('edge.ping-agent')?.({ agent_id });
  let berlin: Identity;
  beforeEach(async () => {
    await process();
    berlin = edge.enroll('agent-berlin');
    await edge.start();
  });

  it('is answered by the agent', async () => {
    await enter(berlin);
    expect(await ping('agent-berlin')).toEqual({
      ok: true,
      rtt_ms: expect.any(Number),
      sentence: expect.stringMatching(/^The agent answered in/),
    });
  });

  it('of an agent that does not answer says so, in time', async () => {
    const agent = await enter(berlin);
    agent.socket.pause();
    const asked = ping('agent-berlin');
    await edge.clock.pass(5_000);
    expect(await asked).toEqual({ ok: false, rtt_ms: null, sentence: 'The agent did not answer within 5 s.' });
  });

  it('of an agent that is not connected says so', async () => {
    expect(await ping('agent-berlin')).toMatchObject({ ok: false, sentence: 'The agent is not connected.' });
  });

  it('of an agent whose tunnel another process may hold is left to that', async () => {
    const about = { ...TunnelConnected.example, agent_id: asId<AgentId>('agent-berlin') };
    edge.log.add(newEvent(TunnelConnected, about));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(await ping('agent-berlin')).toBeUndefined();
  });
});
