import { MemoryLog } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { FakeClock } from '@app/kernel/testing';
import { EdgeProcess, GATEWAY, type Identity, type ScriptedAgent, eventually, synced } from '../../testing/index.js';
import { AgentSynced, CostRecorded, type GatewayStatusChanged, type GaugesReceived, type HeartbeatReceived } from '../events/index.js';
import { NETWORK_REASONS } from '../tunnel.protocol.js';

/** What agents report, and what of it becomes facts. */
let edge: EdgeProcess;
let berlin: Identity;
let agent: ScriptedAgent;
beforeEach(async () => {
  edge = new EdgeProcess();
  berlin = edge.enroll('agent-berlin');
  await edge.start();
  agent = edge.agent(berlin);
  await agent.enter();
});
afterEach(() => edge.stop());

const HOUR_MS = 3_600_000;
const acks = (): object[] => agent.frames.filter(({ type }) => type === 'ack');
const taken = (count: number): Promise<void> => eventually(`${count} frames are taken`, () => acks().length === count);
const syncs = (): AgentSynced[] => edge.log.of('edge.agent.synced');
const gateways = (): string[] =>
  edge.log.of<GatewayStatusChanged>('edge.gateway.status-changed').map(({ gateway, from, to }) => `${gateway}: ${from} -> ${to}`);
const costs = (): CostRecorded[] => edge.log.of('edge.cost.recorded');
const measured = <Data>(wanted: string): Data[] =>
  edge.log.measurements.filter(({ type }) => type === wanted).map(({ data }) => data as Data);
const gauges = (): GaugesReceived[] => measured('edge.gauges.received');
/** Of the one gateway, each time it was said. */
const sessions = (): (number | null | undefined)[] => gauges().map(({ gateways: [first] }) => first?.sessions);

describe('a report', () => {
  it('is taken, and becomes a fact with what changed of its gateways', async () => {
    agent.report();
    await taken(1);
    expect(acks()).toEqual([{ type: 'ack', seq: 1, full: false }]);
    await edge.clock.pass(1_000);
    const [{ type: _, uptime_ms: __, ...gateway }] = [{ type: '', ...GATEWAY }];
    expect(syncs()).toMatchObject([
      { agent_id: 'agent-berlin', seq: 1, outbox_capacity: 100, gateways: [{ ...gateway, started_at: '2026-02-01T11:59:00.000Z' }] },
    ]);
    expect(gateways()).toEqual(['main: null -> ready']);
  });

  it('that says what the one before said is no fact', async () => {
    agent.report();
    await taken(1);
    await edge.clock.pass(90_000);
    agent.report({
      gateways: [{ ...GATEWAY, uptime_ms: GATEWAY.uptime_ms + 90_000, latency_ms: 9 }],
      host: { cpu_ratio: 0.14, mem_ratio: 0.2, disk_ratio: 0.3 },
    });
    await taken(2);
    await edge.clock.pass(90_000);
    expect([syncs().length, gauges().length]).toEqual([1, 1]);
  });

  it('of something that happened is a fact at once', async () => {
    agent.report();
    await taken(1);
    await edge.clock.pass(6_000);
    agent.report({ type: 'report', gateways: [{ ...GATEWAY, state: 'unreachable', reason: 'connect_refused' }] });
    await taken(2);
    await edge.clock.pass(1_000);
    expect(syncs()).toHaveLength(2);
    expect(gateways()).toEqual(['main: null -> ready', 'main: ready -> unreachable']);
  });

  it.each(NETWORK_REASONS)('of a gateway that cannot be reached says why: %s, which the welcome allows', async (reason) => {
    expect(await agent.said('welcome')).toMatchObject({ capabilities: ['network_reasons'] });
    agent.report({ gateways: [{ ...GATEWAY, state: 'unreachable', reason }] });
    await taken(1);
    await edge.clock.pass(1_000);
    expect(edge.log.of<GatewayStatusChanged>('edge.gateway.status-changed')).toMatchObject([{ to: 'unreachable', reason }]);
  });

  it('of a gateway that comes and goes all the time does not fill the log', async () => {
    for (let i = 0; i < 30; i++) {
      agent.report({ gateways: i % 2 === 0 ? [] : [GATEWAY] });
      await taken(i + 1);
      await edge.clock.pass(1_000);
    }
    expect(syncs().length).toBeLessThanOrEqual(7);
    expect(gateways().length).toBeLessThanOrEqual(7);
  });

  it('of what changed leaves the other gateways as they were; a full one forgets who is not in it', async () => {
    agent.report({ gateways: [GATEWAY, { ...GATEWAY, name: 'spare' }] });
    await taken(1);
    await edge.clock.pass(6_000);
    agent.report({ type: 'report', gateways: [{ ...GATEWAY, name: 'spare', state: 'draining' }] });
    await taken(2);
    await edge.clock.pass(6_000);
    expect(
      syncs()
        .at(-1)
        ?.gateways.map(({ name, state }) => `${name} ${state}`),
    ).toEqual(['main ready', 'spare draining']);
    agent.report({ gateways: [GATEWAY] });
    await taken(3);
    await edge.clock.pass(6_000);
    expect(
      syncs()
        .at(-1)
        ?.gateways.map(({ name }) => name),
    ).toEqual(['main']);
    expect(gateways().at(-1)).toBe('spare: draining -> null');
  });

  it('after a gap is asked for in full, and one that comes twice is taken once', async () => {
    agent.report({ seq: 1 });
    agent.report({ seq: 3, type: 'report', gateways: [] });
    agent.report({ seq: 3, type: 'report', gateways: [{ ...GATEWAY, state: 'draining' }] });
    agent.report({ seq: 9 });
    await taken(4);
    expect(acks()).toMatchObject([
      { seq: 1, full: false },
      { seq: 3, full: true },
      { seq: 3, full: false },
      { seq: 9, full: false },
    ]);
    await edge.clock.pass(1_000);
    expect(syncs().at(-1)?.gateways).toMatchObject([{ state: 'ready' }]);
  });

  it('of a few gateways, from an agent that never said which there are, is asked for in full', async () => {
    agent.report({ type: 'report' });
    await taken(1);
    expect(acks()).toEqual([{ type: 'ack', seq: 1, full: true }]);
    await edge.clock.pass(2_000);
    expect(syncs()).toEqual([]);
  });

  it('that the log already has is not written again by the next process', async () => {
    edge.log.add(newEvent(AgentSynced, { ...synced.data, agent_id: berlin.agentId as never, gateways: [] }));
    await eventually('heard', () => syncs().length === 1);
    agent.report({ gateways: [], outbox: { depth: 0, capacity: synced.data.outbox_capacity, dropped: 0 } });
    await taken(1);
    await edge.clock.pass(2_000);
    expect(syncs()).toHaveLength(1);
  });
});

describe('numbers that move', () => {
  it('are those of the host as well, when they move far enough', async () => {
    const of = (more: object): void => agent.report({ gateways: [], host: { cpu_ratio: 0.1, mem_ratio: 0.2, disk_ratio: 0.3, ...more } });
    const disks = (): (number | null)[] => gauges().map(({ disk_ratio }) => disk_ratio);
    of({});
    await taken(1);
    await edge.clock.pass(61_000);
    of({ cpu_ratio: 0.14 });
    await taken(2);
    await edge.clock.pass(61_000);
    expect(disks()).toEqual([0.3]);
    of({ disk_ratio: 0.31 });
    await taken(3);
    await edge.clock.pass(61_000);
    expect(disks()).toEqual([0.3, 0.31]);
    of({ disk_ratio: null });
    await taken(4);
    await edge.clock.pass(61_000);
    expect(disks()).toEqual([0.3, 0.31, null]);
    expect(syncs()).toHaveLength(1);
  });

  const busy = (sessions: number, more: object = {}): void => agent.report({ gateways: [{ ...GATEWAY, sessions, ...more }] });

  it('are no fact: they are measured once a minute, and the last of them is', async () => {
    busy(3);
    await taken(1);
    await edge.clock.pass(2_000);
    for (let i = 0; i < 10; i++) {
      busy(10 + i);
      await taken(i + 2);
      await edge.clock.pass(4_000);
    }
    expect(sessions()).toEqual([3]);
    await edge.clock.pass(25_000);
    expect([sessions(), syncs().length]).toEqual([[3, 19], 1]);
    await edge.clock.pass(180_000);
    expect(sessions()).toEqual([3, 19]);
  });

  it('are measured with the first report of each tunnel, at once', async () => {
    busy(3);
    await taken(1);
    await edge.clock.pass(2_000);
    agent = edge.agent(berlin);
    await agent.enter();
    busy(4);
    await taken(1);
    await edge.clock.pass(1_000);
    expect([sessions(), syncs().length]).toEqual([[3, 4], 1]);
  });

  it('are said with what the day cost so far, and with nothing that facts say', async () => {
    agent.cost({ day: '2026-01-31' });
    agent.cost();
    busy(3);
    await taken(3);
    await edge.clock.pass(2_000);
    const { name, latency_ms, sentence } = GATEWAY;
    const { agent_id: _, ...use } = costs().find(({ day }) => day === '2026-02-01') ?? CostRecorded.example;
    expect(gauges()).toEqual([
      {
        agent_id: 'agent-berlin',
        session_id: syncs()[0]?.session_id,
        gateways: [{ name, latency_ms, sessions: 3, sentence, channels: [] }],
        ...{ cpu_ratio: 0.1, mem_ratio: 0.2, disk_ratio: 0.3, outbox_depth: 0 },
        costs: [use],
      },
    ]);
    agent.cost({ usd: 2 });
    await taken(4);
    await edge.clock.pass(60_000);
    expect(gauges().map(({ costs: [cost] }) => cost?.usd)).toEqual([1.5, 2]);
  });

  it('wait for the fact that says to which state they belong', async () => {
    busy(3);
    await taken(1);
    await edge.clock.pass(70_000);
    edge.log.before = () => Promise.reject(new Error('it is not taken'));
    busy(4, { state: 'draining', sentence: 'Draining.' });
    await taken(2);
    await edge.clock.pass(10_000);
    expect(sessions()).toEqual([3]);
    edge.log.before = () => undefined;
    await edge.clock.pass(10_000);
    expect(syncs().map(({ gateways: [first] }) => first?.sessions)).toEqual([3, 4]);
    expect(sessions()).toEqual([3]); // The fact has said them.
    busy(3, { state: 'draining', sentence: 'Draining.' });
    await taken(3);
    await edge.clock.pass(1_000);
    expect(sessions()).toEqual([3, 3]);
  });

  it('that got lost are measured again a minute later', async () => {
    busy(3);
    await taken(1);
    let lost = 0;
    const losing = jest.spyOn(edge.log.telemetry, 'keep').mockImplementation(() => (lost++, Promise.reject(new Error('it is not taken'))));
    await edge.clock.pass(50_000);
    losing.mockRestore();
    expect(lost).toBe(1);
    await edge.clock.pass(20_000);
    expect(sessions()).toEqual([3]);
  });
});

describe('a cost', () => {
  it('is a fact when it is first said, and when its numbers changed, every six hours at most', async () => {
    agent.cost();
    await taken(1);
    await edge.clock.pass(1_000);
    expect(costs()).toMatchObject([{ agent_id: 'agent-berlin', day: '2026-02-01', usd: 1.5 }]);
    agent.cost();
    await taken(2);
    await edge.clock.pass(HOUR_MS);
    for (let i = 0; i < 5; i++) {
      agent = edge.agent(berlin);
      await agent.enter();
      agent.cost({ usd: 2 + i });
      await taken(1);
      await edge.clock.pass(HOUR_MS - 10_000);
    }
    expect(costs().map(({ usd }) => usd)).toEqual([1.5]);
    await edge.clock.pass(60_000);
    expect(costs().map(({ usd }) => usd)).toEqual([1.5, 6]);
  });

  it('is a fact when its day is over, also where the process before wrote it a short while ago', async () => {
    await edge.clock.pass(11.5 * HOUR_MS);
    edge.log.add(newEvent(CostRecorded, { ...CostRecorded.example, agent_id: berlin.agentId as never, day: '2026-02-01', usd: 1 }));
    agent = edge.agent(berlin);
    await agent.enter();
    agent.cost({ usd: 2 });
    await taken(1);
    await edge.clock.pass(0.6 * HOUR_MS);
    expect(costs().map(({ usd }) => usd)).toEqual([1]);
    await edge.clock.pass(0.1 * HOUR_MS);
    expect(costs().map(({ usd }) => usd)).toEqual([1, 2]);
  });

  it('that was told too soon after one of the process before is a fact six hours later, though it is not told again', async () => {
    edge.log.add(newEvent(CostRecorded, { ...CostRecorded.example, agent_id: berlin.agentId as never, usd: 1 }));
    agent.cost({ usd: 2 });
    await taken(1);
    await edge.clock.pass(6 * HOUR_MS - 10_000);
    expect(costs().map(({ usd }) => usd)).toEqual([1]);
    await edge.clock.pass(20_000);
    expect(costs().map(({ usd }) => usd)).toEqual([1, 2]);
  });

  it('of another day stands beside it, and one of a day that cannot be is not taken', async () => {
    agent.cost({ day: '2026-01-31', usd: 9 });
    agent.cost({ day: '2026-02-01' });
    agent.cost({ day: '9999-12-31' });
    await taken(3);
    await edge.clock.pass(2_000);
    expect(
      costs()
        .map(({ day }) => day)
        .sort(),
    ).toEqual(['2026-01-31', '2026-02-01']);
  });
});

it('a day of a busy agent, whose numbers move every minute, is one report and five costs', async () => {
  await edge.stop();
  edge = new EdgeProcess(new MemoryLog(), new FakeClock(Date.parse('2026-02-01T00:00:00.000Z')));
  berlin = edge.enroll('agent-berlin');
  await edge.start();
  agent = edge.agent(berlin);
  await agent.enter();
  for (let minute = 0; minute < 24 * 60; minute++) {
    agent.report({ gateways: [{ ...GATEWAY, uptime_ms: minute * 60_000, sessions: minute % 7, latency_ms: 4 + (minute % 3) * 50 }] });
    agent.cost({ usd: minute / 100, tokens: minute });
    await taken(minute * 2 + 2);
    await edge.clock.pass(30_000);
    await edge.tunnels.ping('agent-berlin'); // So that no answer is late by a clock that is too fast.
    await edge.clock.pass(30_000);
  }
  agent.cost({ usd: 14.5, tokens: 1_440 });
  agent.cost({ day: '2026-02-02', usd: 0.1 });
  await taken(24 * 120 + 2);
  for (let i = 0; i < 22; i++) {
    await edge.clock.pass(30_000);
    await edge.tunnels.ping('agent-berlin');
  }
  expect(syncs()).toHaveLength(1);
  expect(gauges()).toHaveLength(24 * 60 + 1);
  expect(costs().map(({ day, usd }) => [day, usd])).toEqual([
    ['2026-02-01', 0],
    ['2026-02-01', 3.6],
    ['2026-02-01', 7.2],
    ['2026-02-01', 10.8],
    ['2026-02-02', 0.1],
    ['2026-02-01', 14.5],
  ]);
}, 120_000);

describe('while the log does not answer', () => {
  it('what is true then is written when it does, once, and what was in between is not', async () => {
    agent.report();
    await taken(1);
    edge.log.isDown = true;
    await edge.clock.pass(5_000);
    agent.report({ gateways: [{ ...GATEWAY, state: 'draining' }] });
    agent.report({ gateways: [{ ...GATEWAY, state: 'not_ready' }] });
    await taken(3);
    let asked = 0;
    edge.log.before = () => void asked++;
    await edge.clock.pass(20_000);
    expect([syncs().length, edge.statusHistory('agent-berlin')]).toEqual([0, ['enrolled']]);
    expect(asked).toBeLessThanOrEqual(10); // It is not asked every second what it cannot answer.
    edge.log.isDown = false;
    await edge.clock.pass(35_000);
    expect(syncs().map(({ gateways: [first] }) => first?.state)).toEqual(['not_ready']);
    expect(gateways()).toEqual(['main: null -> not_ready']);
    expect(edge.statusHistory('agent-berlin').at(-1)).toBe('degraded');
  });

  it('the end of a tunnel waits for it', async () => {
    edge.log.isDown = true;
    agent.vanish();
    await edge.clock.pass(5_000);
    expect(edge.log.types).not.toContain('edge.tunnel.disconnected');
    edge.log.isDown = false;
    await edge.clock.pass(35_000);
    expect(edge.log.types.filter((type) => type === 'edge.tunnel.disconnected')).toHaveLength(1);
    expect(edge.statusHistory('agent-berlin').at(-1)).toBe('disconnected');
  });
});

it('a heartbeat says that a report came, also when the one before could not be kept', async () => {
  const beats = (): HeartbeatReceived[] => measured('edge.heartbeat.received');
  agent.report();
  agent.heartbeat(1, '2026-02-01T12:00:00.000Z');
  await agent.said('heartbeat_ack');
  edge.log.isDown = true;
  await edge.clock.pass(2_000);
  expect(beats()).toEqual([]);
  edge.log.isDown = false;
  for (const seq of [2, 3]) {
    agent.heartbeat(seq, '2026-02-01T12:00:00.000Z');
    await eventually('answered', () => agent.frames.filter(({ type }) => type === 'heartbeat_ack').length === seq);
    await edge.clock.pass(8_000);
  }
  expect(beats().map(({ seq, synced: isSynced }) => [seq, isSynced])).toEqual([
    [2, true],
    [3, false],
  ]);
});
