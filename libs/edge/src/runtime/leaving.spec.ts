import { EdgeProcess, type Identity, eventually } from '../../testing/index.js';
import type { TunnelDisconnected } from '../events/index.js';
import { readClose } from '../tunnel.protocol.js';

/** Who goes while something is under way: an agent while its tunnel is opened, this side while an agent does not answer, the facts. */
let edge: EdgeProcess;
let berlin: Identity;
beforeEach(async () => {
  edge = new EdgeProcess();
  berlin = edge.enroll('agent-berlin');
  await edge.start();
});
afterEach(() => edge.stop());

const ends = (): TunnelDisconnected[] => edge.log.of('edge.tunnel.disconnected');
/** What came before this was heard: an answer takes longer than the end of a socket. */
const heardByNow = async (): Promise<void> => {
  const other = edge.agent(berlin);
  await eventually('it is answered', () => other.frames.length > 0 || other.refused !== undefined);
  other.vanish();
};
/** Every command waits until it is let go, one after the other. */
const holdLog = (): { readonly waiting: (() => void)[]; next(): Promise<void> } => {
  const waiting: (() => void)[] = [];
  edge.log.before = () => new Promise<void>((resolve) => waiting.push(resolve));
  const next = async (): Promise<void> => {
    await eventually('a command waits', () => waiting.length > 0);
    waiting.shift()?.();
  };
  return { waiting, next };
};

describe('an agent that goes while the log is asked to open its tunnel', () => {
  it('is held no more, and red like any other', async () => {
    await edge.clock.pass(1_000);
    const log = holdLog();
    const agent = edge.agent(berlin);
    await agent.hello();
    await eventually('the log is asked', () => log.waiting.length === 1);
    agent.vanish();
    await heardByNow();
    edge.log.before = () => undefined;
    await log.next();
    await eventually('its end is known', () => ends().length === 1);
    expect(ends()).toMatchObject([{ agent_id: 'agent-berlin', epoch: 1, reason: 'connection_lost', close_code: null, connected_ms: 0 }]);
    expect(await edge.tunnels.ping('agent-berlin')).toMatchObject({ ok: false, sentence: 'The agent is not connected.' });
    await edge.clock.pass(2_000);
    expect(edge.statusHistory('agent-berlin').at(-1)).toBe('reconnecting');
    await edge.clock.pass(20_000);
    expect(edge.statusHistory('agent-berlin').at(-1)).toBe('disconnected');
  });

  it('is known to have gone as it did', async () => {
    await edge.clock.pass(1_000);
    const log = holdLog();
    const agent = edge.agent(berlin);
    await agent.hello();
    await eventually('the log is asked', () => log.waiting.length === 1);
    agent.report(); // Before the welcome.
    expect((await agent.gone()).code).toBe(4400);
    await heardByNow();
    edge.log.before = () => undefined;
    await log.next();
    await eventually('its end is known', () => ends().length === 1);
    expect(ends()).toMatchObject([{ reason: 'malformed', close_code: 4400 }]);
  });
});

describe('when this side stops', () => {
  const enter = async () => {
    const agent = edge.agent(berlin);
    await agent.enter();
    return agent;
  };
  /** Passes so much time meanwhile. */
  const stop = async (ms: number): Promise<void> => {
    const { tunnels } = edge;
    const stopped = edge.stop();
    await eventually('it takes nobody any more', () => !tunnels.hasCapacity);
    await edge.clock.pass(ms);
    await stopped;
  };

  it('an agent that does not answer its close is cut after 3 s, and nobody waits longer', async () => {
    const agent = await enter();
    agent.socket.pause();
    const beganMs = edge.clock.nowMs();
    await stop(4_000);
    expect(edge.clock.nowMs() - beganMs).toBe(4_000);
    expect(ends()).toMatchObject([{ reason: 'server_drain', close_code: 1012 }]);
    agent.vanish();
  });

  it('one that waits since it sent too much at once is read again, and closes as the others do', async () => {
    const agent = await enter();
    for (let seq = 1; seq <= 3_000; seq++) agent.heartbeat(seq, '2026-02-01T12:00:00.000Z');
    await eventually('it waits', () => agent.frames.filter(({ type }) => type === 'heartbeat_ack').length >= 900);
    const beganMs = edge.clock.nowMs();
    await stop(4_000);
    expect(edge.clock.nowMs() - beganMs).toBe(4_000);
  });

  it('the end of a tunnel that was being opened is waited for too', async () => {
    const log = holdLog();
    const agent = edge.agent(berlin);
    await agent.hello();
    await eventually('the log is asked', () => log.waiting.length === 1);
    let isOver = false;
    const closed = edge.tunnels.close().then(() => (isOver = true));
    expect((await agent.gone()).code).toBe(1012);
    await heardByNow();
    await log.next(); // It is opened,
    await eventually('the end is to be written', () => log.waiting.length === 1);
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    await log.next(); // and ended.
    await closed;
    expect(ends()).toMatchObject([{ reason: 'server_drain', close_code: 1012 }]);
  });
});

describe('when the facts are followed no more', () => {
  const lose = (): void => edge.log.lose();

  it('all are sent away and nobody is let in, and of nobody a status is written', async () => {
    const lisbon = edge.enroll('agent-lisbon');
    const agent = edge.agent(berlin);
    await agent.enter();
    const stranger = edge.agent(lisbon);
    await stranger.said('challenge');
    await edge.clock.pass(1_000);
    expect(edge.app.failing()).toBeNull();
    lose();
    const { code, reason } = await agent.gone();
    expect(code).toBe(4503);
    expect(readClose(code, reason).retryAfterMs).toBeGreaterThan(0);
    expect((await stranger.gone()).code).toBe(4503);
    await eventually('its end is known', () => ends().length === 1);
    expect(ends()).toMatchObject([{ reason: 'server_drain', close_code: 4503 }]);
    const again = edge.agent(berlin);
    await eventually('it is refused', () => again.refused !== undefined);
    expect(again.refused).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
    expect(edge.app.failing()).toBe('agents');
    const { length } = edge.log.facts;
    await edge.clock.pass(100_000);
    expect(edge.log.facts).toHaveLength(length);
  });

  it('a tunnel that was being opened is none, and of it too the end is written', async () => {
    await edge.clock.pass(1_000);
    const log = holdLog();
    const agent = edge.agent(berlin);
    await agent.hello();
    await eventually('the log is asked', () => log.waiting.length === 1);
    lose();
    expect((await agent.gone()).code).toBe(4503);
    edge.log.before = () => undefined;
    await log.next();
    await eventually('its end is known', () => ends().length === 1);
    expect(agent.frames.map(({ type }) => type)).toEqual(['challenge']);
    await edge.clock.pass(100_000);
    expect(edge.statusHistory('agent-berlin')).toEqual([]);
  });

  it('a stop is in order all the same', async () => {
    lose();
    await edge.stop();
  });
});
