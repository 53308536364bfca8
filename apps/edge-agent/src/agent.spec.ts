import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { real } from '../../../test/fake-openclaw/frames.js';
import { nameOf } from './address.js';
import { AgentBench } from './testing/agent-bench.js';
import { T0, until } from './testing/fake-clock.js';
import { AGENT_ID, type ScriptedServer } from './testing/scripted-server.js';

let bench: AgentBench;
beforeEach(async () => {
  bench = await AgentBench.open();
});
afterEach(() => bench.close());

describe('a gateway that no way leads to', () => {
  afterEach(() => jest.restoreAllMocks());

  it.each([
    ['EHOSTUNREACH', 'host_unreachable'],
    ['ENETUNREACH', 'network_unreachable'],
    ['EADDRNOTAVAIL', 'address_unavailable'],
  ])('is reported for %s as %s, and as refused to a server of before', async (code, reason) => {
    jest.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }));
    bench.server.capabilities = ['something_newer', 'network_reasons'];
    const agent = bench.joined().run();
    const connection = await bench.server.connection();
    expect((await connection.next('report_full')).gateways).toMatchObject([{ state: 'unreachable', reason }]);

    bench.server.capabilities = undefined;
    connection.socket.terminate();
    await until('the agent waits', () => agent.status.tunnel === 'waiting');
    await bench.clock.pass(60_000);
    const before = await bench.server.connection(2);
    expect((await before.next('report_full')).gateways).toMatchObject([{ state: 'unreachable', reason: 'connect_refused' }]);
    expect(agent.status.gateways).toMatchObject([{ reason }]);
  });
});

describe('a connection', () => {
  it('is welcomed after a signed hello, and begins with everything and a heartbeat', async () => {
    bench.joined().run();
    const connection = await bench.server.connection();
    const report = await connection.next('report_full');
    expect(connection.frames.map(({ type }) => type)).toEqual(['hello', 'heartbeat', 'report_full']);
    expect(await connection.next('hello')).toMatchObject({
      agent_id: AGENT_ID,
      last_seq_acked: 0,
      version: '0.1.0',
      started_at: '2026-02-01T12:00:00.000Z',
    });
    expect(report).toMatchObject({ seq: 1, outbox: { depth: 0, capacity: 32, dropped: 0 } });
    expect(report.gateways).toEqual([
      {
        name: nameOf(bench.gateway.url),
        capability: 'http',
        state: 'ready',
        version: '2026.9.6',
        tier_limit: 'no_token',
        channels: [],
        uptime_ms: 24329,
        latency_ms: expect.any(Number),
        sessions: null,
        reason: null,
        sentence: 'The gateway is ready.',
      },
    ]);
    expect(bench.said).toEqual([`Connected to ${bench.server.url} as ${AGENT_ID}.`]);
  });

  it('reports everything again at each sync, and heartbeats as the server wishes', async () => {
    bench.server.heartbeatS = 10;
    bench.joined({ gateways: 0 }).run();
    const connection = await bench.server.connection();
    await connection.next('report_full');
    for (let n = 2; n <= 6; n++) {
      await bench.clock.pass(10_000);
      expect(await connection.next('heartbeat', n)).toMatchObject({ seq: n, sent_at: new Date(T0 + (n - 1) * 10_000).toISOString() });
      await connection.heard();
    }
    expect(connection.all('report_full')).toHaveLength(1);
    await bench.clock.pass(10_000);
    expect(await connection.next('report_full', 2)).toMatchObject({ seq: 2 });
  });

  it('measures the round trip and the server’s clock by the answer to a heartbeat', async () => {
    bench.server.answersHeartbeats = false;
    const agent = bench.joined({ gateways: 0 }).run();
    const connection = await bench.server.connection();
    await connection.next('heartbeat');
    await bench.clock.pass(80);
    connection.send({ type: 'heartbeat_ack', seq: 1, received_at: new Date(T0 + 5_040).toISOString() });
    await until('it is measured', () => agent.status.rtt_ms === 80);
    await bench.clock.pass(30_000);
    expect(await connection.next('heartbeat', 2)).toMatchObject({ rtt_ms: 80, clock_offset_ms: 5_000 });
  });

  it('does not take a late answer for one to the heartbeat that is on its way', async () => {
    bench.server.answersHeartbeats = false;
    const agent = bench.joined({ gateways: 0 }).run();
    const connection = await bench.server.connection();
    await connection.next('heartbeat');
    await bench.clock.pass(30_000);
    await connection.next('heartbeat', 2);
    for (const seq of [1, 3]) connection.send({ type: 'heartbeat_ack', seq, received_at: new Date(T0).toISOString() });
    await connection.heard();
    expect(agent.status.rtt_ms).toBeNull();
  });

  it('answers a ping, and knows nothing else', async () => {
    bench.joined({ gateways: 0 }).run();
    const connection = await bench.server.connection();
    await connection.next('hello');
    connection.send({ type: 'call', id: 'c1', method: 'ping' });
    connection.send({ type: 'call', id: 'c2', method: 'shell' });
    await connection.next('result', 2);
    expect(connection.all('result')).toEqual([
      { type: 'result', id: 'c1', ok: true, sentence: 'pong' },
      { type: 'result', id: 'c2', ok: false, sentence: 'This agent does not know that method.' },
    ]);
  });

  it('tells a change of a gateway when it sees it, and only what changed', async () => {
    bench.joined().run();
    const connection = await bench.server.connection();
    await connection.next('report_full');
    bench.gateway.state = 'draining';
    await bench.clock.waitFor(30_000); // Both the next look and the next heartbeat.
    await bench.clock.pass(30_000);
    await bench.clock.waitFor(250);
    await bench.clock.pass(250);
    expect((await connection.next('report')).gateways).toMatchObject([{ state: 'draining', reason: 'draining' }]);
    await connection.heard();
    await bench.clock.pass(1_000);
    await until('it looked again', () => bench.gateway.asked.filter(({ path }) => path === '/healthz').length === 3);
    await bench.clock.pass(250);
    expect(connection.all('report')).toHaveLength(1);
  });

  it('tells everything again when something was missed', async () => {
    bench.joined({ gateways: 0 }).run();
    const connection = await bench.server.connection();
    await connection.next('report_full');
    connection.send({ type: 'ack', seq: 1, full: true });
    await bench.clock.waitFor(250);
    await bench.clock.pass(250);
    expect(await connection.next('report_full', 2)).toMatchObject({ seq: 2 });
  });

  it('stands as long as the server pings, and ends 50 s after it was last heard', async () => {
    bench.server.answersHeartbeats = false;
    bench.server.syncS = 3600;
    bench.joined({ gateways: 0 }).run();
    const connection = await bench.server.connection();
    await connection.next('report_full');
    await bench.clock.waitFor(50_000);
    await bench.clock.pass(49_000);
    connection.socket.ping();
    await bench.clock.waitFor(50_000);
    await bench.clock.pass(49_999);
    expect(connection.closed).toBeNull();
    await bench.clock.pass(1);
    expect(await connection.gone()).toMatchObject({ code: 1006 });
    expect(bench.said.at(-1)).toMatch(/^Nothing was heard of http:\S+ for 50 s\. Trying again in /);
  });

  it('does not send what the server would not take, and stands', async () => {
    bench.joined();
    const identity = bench.state.identity();
    bench.state.join({ ...identity, gateways: identity.gateways.map(({ url }) => ({ name: 'n'.repeat(129), url })) });
    bench.run();
    const connection = await bench.server.connection();
    await until('it says so', () => bench.said.some((line) => line.includes('not sent')));
    expect(bench.said.at(-1)).toBe(
      'A frame was not sent, since the server would not take it: report_full.gateways[0].name should be plain text of 1 to 128 characters.',
    );
    await connection.heard();
    expect(connection.frames.map(({ type }) => type)).toEqual(['hello', 'heartbeat', 'result']);
  });

  it('gives up on a server that takes the connection and says nothing', async () => {
    bench.server.isMute = true;
    bench.joined({ gateways: 0 }).run();
    const connection = await bench.server.connection();
    await bench.clock.pass(10_000);
    expect(await connection.gone()).toMatchObject({ code: 1006 });
  });

  it.each([
    ['nonsense', 'not a frame'],
    ['a frame of its own kind', JSON.stringify({ type: 'goodbye', reason: 'stop', expected_back_s: null })],
    ['a second challenge', JSON.stringify({ type: 'challenge', nonce: 'n'.repeat(22) })],
  ])('closes on %s', async (_what, text) => {
    bench.joined({ gateways: 0 }).run();
    const connection = await bench.server.connection();
    await connection.next('report_full');
    connection.socket.send(text);
    expect(await connection.gone()).toEqual({ code: 4400, reason: '{"reason":"malformed"}' });
  });
});

describe('an end', () => {
  it('is said before it comes, with when it is over', async () => {
    bench.gateway.sockets.tokens = { right: [] };
    const agent = bench.joined({ token: 'right' }).run();
    const connection = await bench.server.connection();
    expect((await connection.next('report_full')).gateways).toMatchObject([{ capability: 'probe' }]);
    await agent.stop('restart', 10);
    expect(connection.frames.at(-1)).toEqual({ type: 'goodbye', reason: 'restart', expected_back_s: 10 });
    expect(await connection.gone()).toEqual({ code: 1000, reason: '{"reason":"goodbye"}' });
    await bench.ended();
    expect(bench.server.connections).toHaveLength(1);
    await until('nothing is due any more', () => bench.clock.waits.length === 0);
  });

  it('comes at once while there is no tunnel, too', async () => {
    bench.joined({ gateways: 0 });
    await bench.server.close();
    const agent = bench.run();
    await until('it waits', () => agent.status.tunnel === 'waiting');
    await agent.stop('stop', null);
    await bench.ended();
    expect(bench.clock.waits).toEqual([]);
    await bench.server.listen();
  });
});

describe('after a connection was lost', () => {
  const stands = async (count: number) => {
    const connection = await bench.server.connection(count);
    await connection.next('report_full');
    return connection;
  };

  it('comes back within 2 s, with everything', async () => {
    bench.joined({ gateways: 0 }).run();
    const first = await stands(1);
    await first.heard();
    first.socket.terminate();
    await bench.clock.waitFor(1_000); // Half of 2 s.
    await bench.clock.pass(1_000);
    const hello = await (await stands(2)).next('hello');
    expect(hello.last_seq_acked).toBe(1);
    expect(bench.said[1]).toMatch(/ Trying again in 1\.0 s\.$/);
  });

  it('tells again what a day cost when nobody took note of it, and not when somebody did', async () => {
    bench.gateway.sockets.tokens = { reads: ['operator.read'] };
    bench.server.acknowledges = false;
    const agent = bench.joined({ token: 'reads' }).run();
    const first = await stands(1);
    expect(await first.next('cost')).toMatchObject({ seq: 2, usd: 0.0411 });
    first.socket.terminate();
    await bench.clock.waitFor(1_000);
    bench.server.acknowledges = true;
    await bench.clock.pass(1_000);
    const second = await stands(2);
    expect(await second.next('cost')).toMatchObject({ seq: 4, usd: 0.0411 });
    await until('it is noted', () => agent.status.outbox.depth === 0);
    second.socket.terminate();
    await bench.clock.waitFor(500);
    await bench.clock.pass(500);
    const third = await stands(3);
    await third.heard();
    expect(third.all('cost')).toEqual([]);
  });

  it('tries less and less often, up to every minute, and anew after one that stood', async () => {
    bench.joined({ gateways: 0 });
    await bench.server.close();
    bench.run();
    for (const waitMs of [1_000, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      await bench.clock.waitFor(waitMs);
      await bench.clock.pass(waitMs);
    }
    const { port } = new URL(bench.state.identity().server);
    await bench.clock.waitFor(30_000);
    await bench.server.listen(Number(port));
    await bench.clock.pass(30_000);
    const connection = await stands(1);
    await bench.clock.pass(30_000);
    await connection.heard(); // What puts its deadline off.
    await bench.clock.pass(30_000);
    await connection.next('heartbeat', 3);
    connection.socket.terminate();
    await bench.clock.waitFor(1_000);
  });

  it.each(['going_away', 'restart', 'unavailable'] as const)('waits as long as %s says', async (reason) => {
    bench.joined({ gateways: 0 }).run();
    (await stands(1)).close(reason, 7_000);
    await bench.clock.waitFor(7_000);
    await bench.clock.pass(6_999);
    expect(bench.server.connections).toHaveLength(1);
    await bench.clock.pass(1);
    await stands(2);
  });

  it('waits as long as an answer of 503 says', async () => {
    bench.server.upgradeAnswer = 'HTTP/1.1 503 Service Unavailable\r\nretry-after: 3\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';
    bench.joined({ gateways: 0 }).run();
    await bench.clock.waitFor(3_000);
    bench.server.upgradeAnswer = null;
    await bench.clock.pass(3_000);
    await stands(1);
  });

  it.each([
    ['revoked', 'This agent was revoked.', /^next: to let it back in, make a join token there; /],
    ['unauthorised', 'The server does not accept the signature of this agent.', /^next: see that this is the server /],
    ['superseded', 'Another connection of the same agent took over.', /^next: look for a copy of the state directory /],
  ] as const)('%s, slows down to minutes and says once what to do', async (reason, sentence, next) => {
    bench.random = 0;
    bench.server.refuse = { reason };
    bench.joined({ gateways: 0 }).run();
    for (const waitS of [60, 120, 240, 480, 900, 900]) {
      await bench.clock.waitFor(waitS * 1000);
      expect(bench.said.at(waitS === 60 ? -2 : -1)).toBe(`${sentence} Trying again in ${waitS}.0 s.`);
      await bench.clock.pass(waitS * 1000);
    }
    expect(bench.said.filter((line) => next.test(line))).toHaveLength(1);
    bench.server.refuse = null;
    await stands(7);
  });

  it.each<[string, Exclude<ScriptedServer['refuse'], null>, string, RegExp]>([
    [
      'a duplicate identity',
      { reason: 'too_many', retryAfterMs: 60_000, why: { cause: 'duplicate_identity' } },
      'Another process uses the identity of this agent, and the server refuses both.',
      /^next: look for a copy of the state directory that runs elsewhere/,
    ],
    [
      'being held',
      { reason: 'too_many', retryAfterMs: 60_000, why: { cause: 'held' } },
      'The server holds this agent until an admin releases it.',
      /^next: ask an admin of the server to release it/,
    ],
    [
      'an address that is not that of the server',
      { reason: 'unauthorised', why: { cause: 'wrong_address', address: 'https://claw.example' } },
      'The server has another address than the one this agent uses.',
      /^next: move the agent to the address of its server: edge-agent server https:\/\/claw\.example$/,
    ],
    [
      'an address that ended',
      { reason: 'unauthorised', why: { cause: 'address_ended' } },
      'The address this agent uses was one of the server, and is accepted no more.',
      /^next: move the agent to the address of its server: edge-agent server <url>$/,
    ],
  ])('names %s as the cause of a close, and says what to do', async (_cause, refuse, sentence, next) => {
    bench.random = 0;
    bench.server.refuse = refuse;
    bench.joined({ gateways: 0 }).run();
    await bench.clock.waitFor(60_000);
    expect(bench.said.slice(-2)).toEqual([`${sentence} Trying again in 60.0 s.`, expect.stringMatching(next)]);
  });

  it('counts what it could not tell meanwhile, and tells how it is now', async () => {
    const { port } = new URL(bench.joined().server.url);
    await bench.server.close();
    bench.run();
    await bench.clock.waitFor(1_000);
    bench.random = 0.999;
    for (const state of ['draining', 'local', 'draining'] as const) {
      const looks = bench.gateway.asked.length;
      bench.gateway.state = state;
      await until('it looks again', () => {
        if (bench.gateway.asked.length === looks) void bench.clock.pass(1_000);
        return bench.gateway.asked.length >= looks + 3;
      });
    }
    await bench.server.listen(Number(port));
    await until('it is back', () => {
      void bench.clock.pass(1_000);
      return bench.server.connections.length > 0;
    });
    const { outbox: retryQueue, gateways } = await (await bench.server.connection()).next('report_full');
    expect(retryQueue.dropped).toBeGreaterThanOrEqual(2);
    expect(retryQueue.depth).toBe(0);
    expect(gateways).toMatchObject([{ state: 'draining' }]);
  });
});

describe('what a day cost', () => {
  const NAME = 'another';
  /** The agent has two gateways to watch: that of the harness, and another. */
  const two = (url: string, token?: string): void => {
    bench.gateway.sockets.tokens = { reads: ['operator.read'], probes: [] };
    bench.joined({ token: 'reads' });
    const { gateways, ...identity } = bench.state.identity();
    bench.state.join({ ...identity, gateways: [...gateways, { name: NAME, url }] });
    if (token !== undefined) bench.state.keepTokens({ ...bench.state.tokens(), [NAME]: token });
    bench.run();
  };
  const told = async () => (await bench.server.connection()).next('cost');

  it('is told to its end by an agent that starts on the next', async () => {
    bench.gateway.sockets.tokens = { reads: ['operator.read'] };
    const agent = bench.joined({ token: 'reads' }).run();
    expect(await told()).toMatchObject({ day: '2026-02-01', usd: 0.0411 });
    await agent.stop('stop', null);
    await bench.ended();
    await bench.clock.pass(86_400_000);
    const fresh = real['rpc.sessions.usage'] as { totals: object };
    bench.gateway.sockets.answers['sessions.usage'] = { ...fresh, totals: { ...fresh.totals, totalCost: 0.07 } };
    bench.run();
    const again = await bench.server.connection(2);
    await again.next('cost', 2);
    expect(Object.fromEntries(again.all('cost').map(({ day, usd }) => [day, usd]))).toEqual({ '2026-02-01': 0.07, '2026-02-02': 0.07 });
  });

  it('is not fresh while a gateway that is to be read has not said it', async () => {
    two('http://127.0.0.1:1', 'reads');
    expect(await told()).toMatchObject({ usd: 0.0411, fresh: false });
  });

  it.each([
    ['has no token', undefined],
    ['lets nobody read with the one it has', 'probes'],
  ])('is fresh without one that %s', async (_what, token) => {
    two(bench.gateway.url, token);
    expect(await told()).toMatchObject({ usd: 0.0411, fresh: true });
  });
});

it('starts without what could not be told before, when that cannot be read, and says so', async () => {
  bench.joined({ gateways: 0 });
  writeFileSync(join(bench.state.path, 'outbox.json'), '{}');
  bench.run();
  await (await bench.server.connection()).next('report_full');
  expect(bench.said[0]).toMatch(/outbox\.json cannot be read: it is not as an agent writes it\. What it held is not told; /);
});

it('proves who it is to the server it joined, and to no other', async () => {
  bench.joined({ gateways: 0 });
  bench.server.publicKey = 'A'.repeat(43);
  bench.run();
  const connection = await bench.server.connection();
  expect(await connection.gone()).toMatchObject({ code: 4401 });
});
