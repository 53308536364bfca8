import { generateKeyPairSync } from 'node:crypto';
import { newEvent } from '@app/kernel';
import { EdgeProcess, type Identity, type ScriptedAgent, eventually } from '../../testing/index.js';
import { AgentRevoked, type TunnelConnected, type TunnelDisconnected, type TunnelSuperseded } from '../events/index.js';
import { LIMITS, readClose } from '../tunnel.protocol.js';

/** Real sockets on loopback, and a clock that passes when told. */
let edge: EdgeProcess;
let berlin: Identity;
beforeEach(async () => {
  edge = new EdgeProcess();
  berlin = edge.enroll('agent-berlin');
  await edge.start();
});
afterEach(() => edge.stop());

const enter = async (identity = berlin, bootId?: string): Promise<ScriptedAgent> => {
  const agent = edge.agent(identity, bootId);
  await agent.enter();
  return agent;
};
/** Until it is said to be connected. */
const settled = async (agent: ScriptedAgent): Promise<ScriptedAgent> => {
  agent.report();
  await agent.said('ack');
  await edge.clock.pass(11_000);
  await eventually('connected', () => edge.statusHistory(agent.identity.agentId).at(-1) === 'connected');
  return agent;
};
const connections = (): TunnelConnected[] => edge.log.of('edge.tunnel.connected');
const ends = (): TunnelDisconnected[] => edge.log.of('edge.tunnel.disconnected');

const BEAT = { type: 'heartbeat', seq: 1, sent_at: '2026-02-01T12:00:00.000Z', rtt_ms: null, clock_offset_ms: null };

describe('a hello', () => {
  it('that is signed stands in the log before it is welcomed', async () => {
    const agent = await enter();
    expect(await agent.said('welcome')).toMatchObject({ session_id: connections()[0]?.session_id, epoch: 1, heartbeat_s: 30, sync_s: 60 });
    expect(connections()).toMatchObject([{ agent_id: 'agent-berlin', remote: 'loopback', boot_id: agent.bootId, version: '0.1.0' }]);
    expect(edge.log.facts.find(({ type }) => type === 'edge.tunnel.connected')?.actor).toBe('agent:agent-berlin');
  });

  const other = generateKeyPairSync('ed25519').privateKey;
  it.each([
    ['by another key', { key: other }],
    ['over the nonce of another connection', { nonce: 'x'.repeat(43) }],
    ['for another server', { authority: 'lisbon.example' }],
    ['as another process', { hello: { boot_id: 'boot-2' } }],
    ['as another agent', { hello: { agent_id: 'agent-lisbon' } }],
    ['as an agent nobody knows', { hello: { agent_id: 'agent-nobody' } }],
  ])('signed %s is refused', async (_name, script) => {
    edge.enroll('agent-lisbon');
    const agent = edge.agent(berlin);
    await agent.hello(script);
    expect((await agent.gone()).code).toBe(4401);
    expect(connections()).toEqual([]);
  });

  it('is good for one connection: replayed on another it is refused', async () => {
    const first = edge.agent(berlin);
    const { nonce } = await first.said('challenge');
    const second = edge.agent(berlin, first.bootId);
    await second.hello({ nonce });
    expect((await second.gone()).code).toBe(4401);
  });

  it('of a revoked agent is refused as such, and of one that only says so is not', async () => {
    edge.log.add(newEvent(AgentRevoked, { agent_id: berlin.agentId as never, note: '' }));
    await eventually('heard', () => edge.log.types.length === 2);
    const agent = edge.agent(berlin);
    await agent.hello();
    expect((await agent.gone()).code).toBe(4403);
    expect(connections()).toEqual([]);
    const liar = edge.agent(berlin);
    await liar.hello({ key: other });
    expect((await liar.gone()).code).toBe(4401);
  });

  it('of an agent of which a message cannot be read is refused for now, and let in when the message is voided', async () => {
    const first = await enter();
    const porto = await enter(edge.enroll('agent-porto'));
    edge.log.unreadable.add(edge.log.facts.length + 1);
    edge.log.add(newEvent(AgentRevoked, { agent_id: berlin.agentId as never, note: '' }));
    const { length: poisoned } = edge.log.facts;
    const { code, reason } = await first.gone();
    expect([code, readClose(code, reason).retryAfterMs]).toEqual([4503, 30_000]);
    const second = edge.agent(berlin);
    await second.hello();
    expect((await second.gone()).code).toBe(4503);
    expect(porto.frames.map(({ type }) => type)).toContain('welcome');
    edge.log.void(poisoned);
    await enter();
    expect(edge.log.of('edge.agent.revoked')).toHaveLength(1);
  });

  it('without a protocol in common is refused', async () => {
    const agent = edge.agent(berlin);
    await agent.hello({ hello: { proto: { min: 2, max: 9 } } });
    expect((await agent.gone()).code).toBe(4406);
  });

  it('must come in time', async () => {
    const agent = edge.agent(berlin);
    await agent.said('challenge');
    await edge.clock.pass(LIMITS.handshakeMs + 1_000);
    expect((await agent.gone()).code).toBe(4408);
    expect(edge.log.types).not.toContain('edge.tunnel.disconnected');
  });

  it('waits for the log, and is told to come again when that does not answer', async () => {
    edge.log.isDown = true;
    const agent = edge.agent(berlin);
    await agent.hello();
    const { code, reason } = await agent.gone();
    expect(code).toBe(4503);
    expect(readClose(code, reason).retryAfterMs).toBeGreaterThanOrEqual(1_000);
  });
});

describe('a frame', () => {
  it.each<[string, (agent: ScriptedAgent) => void]>([
    ['no JSON', (agent) => agent.socket.send('hello')],
    ['binary', (agent) => agent.socket.send(Buffer.from(JSON.stringify(BEAT)))],
    ['of an unknown type', (agent) => agent.send({ type: 'greeting' })],
    ['that only a server says', (agent) => agent.send({ type: 'ack', seq: 1, full: false })],
    ['a second hello', (agent) => void agent.hello()],
    ['with a field out of bounds', (agent) => agent.heartbeat(0, '2026-02-01T12:00:00.000Z')],
  ])('that is %s ends the tunnel', async (_name, send) => {
    const agent = await enter();
    send(agent);
    expect((await agent.gone()).code).toBe(4400);
    await eventually('its end is known', () => ends().length === 1);
    expect(ends()).toMatchObject([{ reason: 'malformed', close_code: 4400 }]);
  });

  it.each<[string, (agent: ScriptedAgent) => void]>([
    ['heartbeat', (agent) => agent.send(BEAT)],
    ['report', (agent) => agent.report()],
    ['goodbye', (agent) => agent.send({ type: 'goodbye', reason: 'stop', expected_back_s: null })],
  ])('before the welcome ends it: %s', async (_name, send) => {
    const agent = edge.agent(berlin);
    await agent.said('challenge');
    send(agent);
    expect((await agent.gone()).code).toBe(4400);
  });

  it('that is too big ends it', async () => {
    const agent = await enter();
    agent.socket.send('x'.repeat(LIMITS.frameBytes + 1));
    expect((await agent.gone()).code).toBe(1009);
    await eventually('its end is known', () => ends().length === 1);
    expect(ends()).toMatchObject([{ reason: 'too_big', close_code: 1009 }]);
  });
});

it('a heartbeat is answered at once, and kept as telemetry', async () => {
  const agent = await enter();
  agent.heartbeat(1, '2026-02-01T12:00:00.000Z');
  expect(await agent.said('heartbeat_ack')).toEqual({ type: 'heartbeat_ack', seq: 1, received_at: '2026-02-01T12:00:00.000Z' });
  await edge.clock.pass(2_000);
  expect(edge.log.measurements).toMatchObject([
    { type: 'edge.heartbeat.received', data: { agent_id: 'agent-berlin', seq: 1, synced: false } },
  ]);
});

it('of many heartbeats a few are kept, and none is a fact', async () => {
  const agent = await enter();
  await edge.clock.pass(1_000);
  const before = edge.log.facts.length;
  for (let second = 1; second <= 12; second++) {
    for (let i = 0; i < 200; i++) agent.send(BEAT);
    await eventually('all are answered', () => agent.frames.filter(({ type }) => type === 'heartbeat_ack').length === second * 200);
    await edge.clock.pass(1_000);
  }
  expect(edge.log.measurements).toHaveLength(3); // One in five seconds.
  expect(edge.log.facts.length).toBe(before);
});

it('an agent is enrolled until its first tunnel has lasted and said all, and connected from then on', async () => {
  const agent = await enter();
  await edge.clock.pass(30_000);
  expect(edge.statusHistory('agent-berlin')).toEqual(['enrolled']);
  await settled(agent);
  expect(edge.evaluation('agent-berlin')).toMatchObject({
    from: 'enrolled',
    to: 'connected',
    reason: null,
    evidence: [expect.stringMatching(/^f/)],
  });
});

it('a newer connection takes the place of the older', async () => {
  const first = await settled(await enter());
  const second = await enter(berlin, first.bootId);
  expect((await first.gone()).code).toBe(4409);
  const [one, two] = connections();
  expect(edge.log.of<TunnelSuperseded>('edge.tunnel.superseded')).toEqual([
    { agent_id: 'agent-berlin', session_id: one?.session_id, epoch: 1, by_session_id: two?.session_id, connected_ms: expect.any(Number) },
  ]);
  expect(await second.said('welcome')).toMatchObject({ epoch: 2 });
  await edge.clock.pass(20_000);
  expect(ends()).toEqual([]);
  expect(edge.statusHistory('agent-berlin')).toEqual(['enrolled', 'connected']);
});

it('of two that come at once the later stands, and the log has them one after the other', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  edge.log.before = () => promise;
  const two = [edge.agent(berlin, 'boot-1'), edge.agent(berlin, 'boot-1')];
  await Promise.all(two.map((agent) => agent.hello()));
  await edge.agent(berlin).said('challenge'); // Who came later is answered: both hellos are in, and wait.
  resolve();
  await Promise.all(two.map((agent) => agent.said('welcome')));
  await eventually('one is sent away', () => two.some(({ closed }) => closed !== undefined));
  expect(two.flatMap(({ closed }) => closed?.code ?? [])).toEqual([4409]);
  const tunnels = edge.log.types.filter((type) => type.startsWith('edge.tunnel.'));
  expect(tunnels).toEqual(['edge.tunnel.connected', 'edge.tunnel.superseded', 'edge.tunnel.connected']);
});

it('counts its connections by what it wrote itself, though the feed tells of the first ones late', async () => {
  edge.log.isHeldBack = true;
  const first = await enter(berlin, 'boot-1');
  first.send({ type: 'goodbye', reason: 'stop', expected_back_s: null });
  await eventually('its end is known', () => ends().length === 1);
  await enter(berlin, 'boot-1');
  edge.log.tell(1); // The first connection.
  const third = await enter(berlin, 'boot-1');
  expect((await third.said('welcome')).epoch).toBe(3);
});

describe('one agent that comes again and again', () => {
  const comeAgain = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const before = ends().length;
      (await enter(berlin, 'boot-1')).vanish();
      await eventually('its end is known', () => ends().length === before + 1);
    }
  };
  const refused = async (): Promise<number | null> => {
    const agent = edge.agent(berlin, 'boot-1');
    await agent.hello();
    const { code, reason } = await agent.gone();
    expect(code).toBe(4429);
    return readClose(code, reason).retryAfterMs;
  };

  it('has ten tunnels a minute, and writes nothing beyond', async () => {
    await comeAgain(4);
    await edge.clock.pass(20_000);
    await comeAgain(6);
    await edge.clock.pass(2_000);
    const { length } = edge.log.facts;
    expect(await refused()).toBe(38_000);
    expect(edge.log.facts).toHaveLength(length);
    expect(connections()).toHaveLength(10);
  });

  it('is let in when it comes as late as it was told, and others are meanwhile', async () => {
    await comeAgain(10);
    const waitMs = (await refused()) ?? 0;
    await enter(edge.enroll('agent-lisbon'));
    await edge.clock.pass(waitMs - 1_000);
    await refused();
    await edge.clock.pass(1_000);
    await enter(berlin, 'boot-1');
  });

  it('keeps the tunnel that stands when one more is refused', async () => {
    await comeAgain(9);
    const openSession = await enter(berlin, 'boot-1');
    await refused();
    openSession.heartbeat(1, '2026-02-01T12:00:00.000Z');
    await openSession.said('heartbeat_ack');
  });

  it('has none counted that the log did not take', async () => {
    edge.log.isDown = true;
    for (let i = 0; i < 12; i++) {
      const agent = edge.agent(berlin, 'boot-1');
      await agent.hello();
      expect((await agent.gone()).code).toBe(4503);
    }
    edge.log.isDown = false;
    await edge.clock.pass(5_000); // It is let alone for a while.
    await enter(berlin, 'boot-1');
  });
});

describe('a goodbye', () => {
  it('without a promise is red within a second', async () => {
    const agent = await settled(await enter());
    agent.send({ type: 'goodbye', reason: 'stop', expected_back_s: null });
    expect((await agent.gone()).code).toBe(1000);
    await eventually('disconnected', () => edge.statusHistory('agent-berlin').at(-1) === 'disconnected'); // No time passes meanwhile.
    expect(edge.evaluation('agent-berlin')).toMatchObject({ reason: 'remote_goodbye', evidence: [expect.any(String), expect.any(String)] });
    expect(ends()).toMatchObject([{ reason: 'goodbye', close_code: 1000 }]);
  });

  it('with a promise is amber until then, and red after', async () => {
    const agent = await settled(await enter());
    agent.send({ type: 'goodbye', reason: 'restart', expected_back_s: 60 });
    await eventually('restarting', () => edge.statusHistory('agent-berlin').at(-1) === 'restarting');
    const { expected_back_at, since } = edge.evaluation('agent-berlin') ?? {};
    expect(Date.parse(expected_back_at ?? '') - Date.parse(since ?? '')).toBe(60_000);
    await edge.clock.pass(59_000);
    expect(edge.statusHistory('agent-berlin').at(-1)).toBe('restarting');
    await edge.clock.pass(2_000);
    expect(edge.statusHistory('agent-berlin').at(-1)).toBe('disconnected');
  });

  it('whose promise is kept is never red', async () => {
    const agent = await settled(await enter());
    agent.send({ type: 'goodbye', reason: 'restart', expected_back_s: 60 });
    await agent.gone();
    await edge.clock.pass(30_000);
    await enter();
    await eventually('connected', () => edge.statusHistory('agent-berlin').at(-1) === 'connected');
    expect(edge.statusHistory('agent-berlin')).toEqual(['enrolled', 'connected', 'restarting', 'connected']);
  });
});

describe('a connection that ends without a word', () => {
  it('is amber for the grace, and red within 20 s', async () => {
    (await settled(await enter())).vanish();
    await eventually('its end is known', () => ends().length === 1);
    expect(ends()).toMatchObject([{ reason: 'connection_lost', close_code: null }]);
    await edge.clock.pass(2_000);
    expect(edge.statusHistory('agent-berlin').at(-1)).toBe('reconnecting');
    await edge.clock.pass(11_000);
    expect(edge.statusHistory('agent-berlin').at(-1)).toBe('reconnecting');
    await edge.clock.pass(7_000);
    expect(edge.statusHistory('agent-berlin').at(-1)).toBe('disconnected');
  });

  it('is never red when it is back within the grace', async () => {
    (await settled(await enter())).vanish();
    await eventually('its end is known', () => ends().length === 1);
    await edge.clock.pass(10_000);
    await enter();
    await eventually('connected', () => edge.statusHistory('agent-berlin').at(-1) === 'connected');
    await edge.clock.pass(30_000);
    expect(edge.statusHistory('agent-berlin')).toEqual(['enrolled', 'connected', 'reconnecting', 'connected']);
  });

  it('is green again only after ten seconds when it was red', async () => {
    (await settled(await enter())).vanish();
    await eventually('its end is known', () => ends().length === 1);
    await edge.clock.pass(20_000);
    const back = await enter();
    await edge.clock.pass(1_000);
    expect(edge.statusHistory('agent-berlin').slice(-2)).toEqual(['disconnected', 'reconnecting']);
    await settled(back);
  });
});

it('silence is red within 70 s, though the socket stands', async () => {
  const agent = await settled(await enter());
  agent.socket.pause(); // It reads and answers nothing any more, as behind a cable that was pulled.
  let passedMs = 0;
  for (; edge.statusHistory('agent-berlin').at(-1) !== 'disconnected' && passedMs < 120_000; passedMs += 1_000)
    await edge.clock.pass(1_000);
  expect(passedMs).toBeLessThanOrEqual(70_000);
  expect(ends()).toMatchObject([{ reason: 'read_deadline', close_code: 4408 }]);
  expect(edge.evaluation('agent-berlin')).toMatchObject({ reason: 'heartbeat_timeout' });
});

it('pings of the server keep an agent alive that says nothing, every 20 s', async () => {
  const agent = await settled(await enter());
  const { pings } = agent;
  for (let i = 1; i <= 5; i++) {
    await edge.clock.pass(20_000);
    await eventually('the ping came', () => agent.pings === pings + i);
  }
  expect(agent.closed).toBeUndefined();
  expect(ends()).toEqual([]);
});

it('who does not read what it is sent is sent away', async () => {
  const agent = await enter();
  agent.socket.pause();
  for (let i = 0; ends().length === 0 && i < 400; i++) {
    for (let j = 0; j < 500; j++) agent.send(BEAT);
    await edge.clock.pass(1_000);
  }
  await eventually('its end is known', () => ends().length === 1);
  expect(ends()).toMatchObject([{ reason: 'too_many', close_code: 4429 }]);
  agent.vanish();
});

it('a revocation closes the tunnel at once', async () => {
  const agent = await settled(await enter());
  edge.log.add(newEvent(AgentRevoked, { agent_id: berlin.agentId as never, note: '' }));
  expect((await agent.gone()).code).toBe(4403);
  await eventually('its end is known', () => ends().length === 1);
  expect(ends()).toMatchObject([{ reason: 'revoked', close_code: 4403 }]);
  await edge.clock.pass(60_000);
  expect(edge.statusHistory('agent-berlin')).toEqual(['enrolled', 'connected']); // It is judged no more.
});

it('takes a thousand frames a second of one agent, loses none, and hears the others meanwhile', async () => {
  const sent = 6_000;
  const flooding = await enter();
  const other = await enter(edge.enroll('agent-lisbon'));
  const answered = (agent: ScriptedAgent): number => agent.frames.filter(({ type }) => type === 'heartbeat_ack').length;
  let beats = 0;
  const otherIsHeard = async (): Promise<void> => {
    other.heartbeat(++beats, BEAT.sent_at);
    await eventually('the other is answered', () => answered(other) === beats);
  };
  const settles = async (): Promise<number> => {
    for (let before = -1; before !== answered(flooding);) {
      before = answered(flooding);
      for (let n = 0; n < 3; n++) await otherIsHeard();
    }
    return answered(flooding);
  };
  for (let seq = 1; seq <= sent; seq++) flooding.heartbeat(seq, BEAT.sent_at);
  await eventually('it is answered', () => answered(flooding) >= 1_000);
  expect(await settles()).toBeLessThan(2_500);
  await edge.clock.pass(1_000);
  await eventually('more is answered', () => answered(flooding) >= 2_000);
  expect(await settles()).toBeLessThan(5_000);
  for (let second = 0; second < 4; second++) {
    await edge.clock.pass(1_000);
    await settles();
  }
  await eventually('all is answered', () => answered(flooding) === sent);
});
