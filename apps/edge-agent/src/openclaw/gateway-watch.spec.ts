import type { GatewayReport } from '../../../../libs/edge/src/tunnel.protocol.js';
import { FakeGateway, type GatewayState } from '../../../../test/fake-openclaw/fake-gateway.js';
import { LIVE, NOT_LIVE, real, tooMany } from '../../../../test/fake-openclaw/frames.js';
import { nameOf } from '../address.js';
import type { DayCost } from '../retry-queue.js';
import { FakeClock, T0, until } from '../testing/fake-clock.js';
import { GatewayWatch } from './gateway-watch.js';

const READ = 'operator.read';
let gateway: FakeGateway;
let clock: FakeClock;
let reports: { report: GatewayReport; isNews: boolean }[];
let costs: [string, DayCost][];
let watch: GatewayWatch;
let running: Promise<void>;

beforeEach(async () => {
  gateway = new FakeGateway();
  gateway.sockets.tokens = { right: [], reads: [READ] };
  clock = new FakeClock();
  gateway.nowMs = () => clock.monotonic();
  reports = [];
  costs = [];
  await gateway.listen();
});
afterEach(async () => {
  watch.stop();
  await gateway.close();
  await running;
});

function watches(token: string | null, costSince: string | null = null, url = gateway.url): void {
  const listener = {
    seen: (report: GatewayReport, isNews: boolean) => void reports.push({ report, isNews }),
    cost: (_name: string, day: string, cost: DayCost) => void costs.push([day, cost]),
  };
  watch = new GatewayWatch({ name: nameOf(url), url, token, costSince }, '0.1.0', clock, listener);
  running = watch.run();
}
/** The nth report. */
async function seen(count = 1): Promise<GatewayReport> {
  await until(`report ${count}`, () => reports.length >= count);
  return reports[count - 1]!.report;
}
const connects = () => gateway.sockets.asked.filter(({ method }) => method === 'connect').length;

describe('over HTTP alone', () => {
  it('has no credential to send, and no session', async () => {
    watches(null);
    expect(await seen()).toMatchObject({
      capability: 'http',
      state: 'ready',
      version: '2026.9.6',
      uptime_ms: 24329,
      sessions: null,
      reason: null,
      tier_limit: 'no_token',
      channels: [],
    });
    expect(gateway.asked.map(({ path }) => path).toSorted()).toEqual(['/healthz', '/readyz', '/startupz']);
    for (const { headers } of gateway.asked)
      expect(Object.keys(headers).filter((name) => /^authorization$|^origin$|^x-forwarded|^cookie$/.test(name))).toEqual([]);
    expect(connects()).toBe(0);
  });

  it.each<[GatewayState, Partial<GatewayReport>]>([
    ['remote', { capability: 'http', state: 'ready', version: null, uptime_ms: null, reason: null }],
    ['starting', { capability: 'http', state: 'starting', reason: 'starting', sentence: 'The gateway is starting: startup-sidecars.' }],
    ['draining', { capability: 'http', state: 'draining', reason: 'draining' }],
    [
      'not ready',
      { capability: 'http', state: 'not_ready', reason: 'dependency_down', sentence: 'The gateway is not ready: startup-sidecars.' },
    ],
    ['behind an untrusted proxy', { capability: 'http', state: 'unauthorised', reason: 'unauthorised' }],
    ['old', { capability: 'http', state: 'not_ready', reason: 'version_unsupported' }],
    ['a website', { capability: 'none', state: 'not_openclaw', reason: 'not_openclaw' }],
    ['another JSON service', { capability: 'none', state: 'not_openclaw', reason: 'not_openclaw' }],
    ['a login page', { capability: 'none', state: 'not_openclaw', reason: 'not_openclaw' }],
    ['an endless page', { capability: 'none', state: 'not_openclaw', reason: 'not_openclaw' }],
    ['broken', { capability: 'none', state: 'unreachable', reason: 'error_rate' }],
    ['locked', { capability: 'none', state: 'unauthorised', reason: 'unauthorised' }],
  ])('%s is told as it is', async (state, expected) => {
    gateway.state = state;
    watches(null);
    expect(await seen()).toMatchObject(expected);
  });

  it.each<GatewayState>(['draining', 'a website', 'another JSON service', 'a login page', 'locked'])('shows %s no token', async (state) => {
    gateway.state = state;
    watches('right');
    await seen();
    expect(gateway.sockets.upgrades).toBe(0);
  });

  it('gives up on a frozen gateway after 10 s, and says that it is silent', async () => {
    gateway.state = 'frozen';
    watches('right');
    await until('it is asked', () => gateway.asked.length > 0);
    await clock.pass(10_000);
    expect(await seen()).toMatchObject({ capability: 'none', state: 'unreachable', reason: 'heartbeat_timeout' });
  });

  it.each(LIVE)('takes an answer to /healthz %s for that of an OpenClaw', async (_what, answer) => {
    gateway.answers['/healthz'] = answer;
    watches(null);
    expect(await seen()).toMatchObject({ capability: 'http', state: 'ready', reason: null });
  });

  it.each(NOT_LIVE)('takes an answer to /healthz %s for none of an OpenClaw', async (_what, answer) => {
    gateway.answers['/healthz'] = answer;
    watches(null);
    expect(await seen()).toMatchObject({ capability: 'none', state: 'not_openclaw', reason: 'not_openclaw' });
  });

  it.each(['/healthz', '/startupz', '/readyz'])(
    'is rate limited by 429 at %s, and asks nothing until Retry-After is over',
    async (path) => {
      gateway.answers[path] = tooMany('75');
      watches('right');
      expect(await seen()).toMatchObject({ capability: 'none', state: 'unauthorised', reason: 'rate_limited', tier_limit: 'locked_out' });
      const asked = gateway.asked.length;
      delete gateway.answers[path];
      for (const waitMs of [30_000, 30_000]) {
        await clock.waitFor(waitMs);
        await clock.pass(waitMs);
      }
      expect(await seen(3)).toMatchObject({ reason: 'rate_limited' });
      expect(gateway.asked).toHaveLength(asked);
      expect(gateway.sockets.upgrades).toBe(0);
      await clock.waitFor(15_000);
      await clock.pass(15_000);
      expect(await seen(4)).toMatchObject({ capability: 'probe', state: 'ready', reason: null });
    },
  );

  it.each([
    ['an instant', new Date(T0 + 5_000).toUTCString(), 5_000],
    ['nothing', undefined, 30_000],
    ['no time', 'soon', 30_000],
    ['the past', new Date(T0 - 5_000).toUTCString(), 1_000],
  ])('reads Retry-After that is %s', async (_what, retryAfter, waitMs) => {
    gateway.answers['/healthz'] = tooMany(retryAfter);
    watches(null);
    await seen();
    await clock.waitFor(waitMs);
  });

  it('looks every 30 s while it is well, every 3 s at last while it is absent from this machine, and at once finds it back', async () => {
    watches(null);
    await seen();
    await clock.waitFor(30_000);
    const { port } = new URL(gateway.url);
    await gateway.close();
    await clock.pass(30_000);
    expect(await seen(2)).toMatchObject({ state: 'unreachable', reason: 'connect_refused', tier_limit: null });
    for (const waitMs of [1_000, 2_000, 3_000, 3_000]) {
      await clock.waitFor(waitMs);
      await clock.pass(waitMs);
    }
    await clock.waitFor(3_000);
    await gateway.listen(Number(port));
    await clock.pass(3_000);
    expect(await seen(7)).toMatchObject({ state: 'ready' });
    expect(reports.map(({ isNews }) => isNews)).toEqual([true, true, false, false, false, false, true]);
  });

  it('looks after 1, 2, 4 ... 30 s at one that is absent from another machine, and after 1 s again once it starts', async () => {
    const { port } = new URL(gateway.url);
    await gateway.close();
    watches(null, null, `http://another-machine.invalid:${port}`);
    for (const [at, waitMs] of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000].entries()) {
      await seen(at + 1);
      await clock.waitFor(waitMs);
      await clock.pass(waitMs);
    }
    expect(await seen(7)).toMatchObject({ state: 'unreachable', reason: 'dns_failure' });
    await gateway.listen(Number(port));
  });

  it('looks soon again at one that starts after an absence, however long that was', async () => {
    const { url } = gateway;
    await gateway.close();
    watches(null, null, url);
    for (const [at, waitMs] of [1_000, 2_000, 3_000, 3_000].entries()) {
      await seen(at + 1);
      await clock.waitFor(waitMs);
      await clock.pass(waitMs);
    }
    await seen(5);
    gateway.state = 'starting';
    await gateway.listen(Number(new URL(url).port));
    await clock.waitFor(3_000);
    await clock.pass(3_000);
    expect(await seen(6)).toMatchObject({ state: 'starting' });
    for (const waitMs of [1_000, 2_000, 3_000]) {
      await clock.waitFor(waitMs);
      await clock.pass(waitMs);
    }
    expect(await seen(9)).toMatchObject({ state: 'starting' });
    gateway.state = 'local';
    await clock.waitFor(3_000);
    await clock.pass(3_000);
    expect(await seen(10)).toMatchObject({ state: 'ready' });
  });

  it('looks soon again at one that drains, which is what comes before an absence', async () => {
    gateway.state = 'draining';
    watches(null);
    expect(await seen()).toMatchObject({ state: 'draining' });
    await clock.waitFor(1_000);
  });
});

describe('with a token', () => {
  it('looks closer, as an operator who asks to read, without an origin, and sees that it may not', async () => {
    watches('right');
    expect(await seen()).toMatchObject({
      ...{ capability: 'probe', state: 'ready', version: '2026.9.6', sessions: 0, reason: null },
      tier_limit: 'scopes_withheld',
    });
    const [connect] = gateway.sockets.asked;
    expect(connect?.params).toEqual({
      minProtocol: 4,
      maxProtocol: 4,
      client: { id: 'gateway-client', version: '0.1.0', platform: process.platform, mode: 'backend' },
      role: 'operator',
      scopes: [READ],
      caps: [],
      auth: { token: 'right' },
    });
    expect(connect?.headers.origin).toBeUndefined();
    expect(gateway.sockets.asked.map(({ method }) => method)).toEqual(['connect', 'health']);
  });

  it('asks no method that the gateway does not name', async () => {
    gateway.sockets.hello = { features: { methods: ['status'] }, auth: { scopes: [READ] } };
    watches('reads');
    expect(await seen()).toMatchObject({ capability: 'probe', sessions: null, tier_limit: 'methods_missing' });
    expect(gateway.sockets.asked.map(({ method }) => method)).toEqual(['connect']);
  });

  it('counts the sessions of all agents of the gateway', async () => {
    gateway.sockets.answers['health'] = real['rpc.health.two-agents'];
    watches('right');
    expect(await seen()).toMatchObject({ sessions: 8 });
  });

  it.each([
    [{ plugins: { errors: [{ id: 'memory' }] } }, 'dependency_down', 'The gateway is ready; 1 plugin did not load.'],
    [{ plugins: { unavailable: ['memory', 'browser'] } }, 'dependency_down', 'The gateway is ready; 2 plugins are not available.'],
    [
      { configReload: { hotReloadStatus: 'disabled' } },
      'dependency_down',
      'The gateway is ready; it no longer watches its configuration: restart it after a change.',
    ],
    [{ modelRuntime: { degraded: true } }, 'dependency_down', 'The gateway is ready; its models are not all well.'],
    [{ eventLoop: { degraded: true } }, 'slow', 'The gateway is ready; it has more to do than it can.'],
  ])('sees inside, where ok is always true: %j', async (part, reason, sentence) => {
    gateway.sockets.answers['health'] = { ...real['rpc.health'], ...part };
    watches('right');
    expect(await seen()).toMatchObject({ capability: 'probe', state: 'ready', reason, sentence });
  });

  it('is in when the gateway hides its state over HTTP', async () => {
    gateway.state = 'behind an untrusted proxy';
    watches('right');
    expect(await seen()).toMatchObject({ capability: 'probe', state: 'ready', version: '2026.9.6', uptime_ms: 124840 });
  });

  const REFUSED = { capability: 'http', state: 'unauthorised', reason: 'unauthorised', tier_limit: 'token_refused' };
  /** Rounds from the nth report on, while the gateway is as it was. */
  const rounds = async (from: number, count: number): Promise<void> => {
    for (let n = from; n < from + count; n++) {
      await clock.waitFor(30_000);
      await clock.pass(30_000);
      gateway.sockets.tick();
      await seen(n + 1);
    }
  };
  it('that is wrong, says so, and tries it again every 10 minutes', async () => {
    watches('wrong');
    expect(await seen()).toMatchObject({ ...REFUSED, sentence: expect.stringContaining('edge-agent gateway-token') });
    await rounds(1, 19);
    expect(connects()).toBe(1);
    gateway.sockets.tokens['wrong'] = [READ]; // As when a person gave the gateway the token that the agent has.
    await rounds(20, 1);
    expect(reports.at(-1)?.report).toMatchObject({ capability: 'read', state: 'ready', reason: null, tier_limit: null });
    expect(connects()).toBe(2);
  });

  it('that is wrong is tried again when the gateway was started anew, as its uptime tells', async () => {
    watches('wrong');
    expect(await seen()).toMatchObject(REFUSED);
    await rounds(1, 1);
    expect(connects()).toBe(1);
    gateway.sockets.tokens = { wrong: [READ] };
    gateway.startAnew();
    await rounds(2, 1);
    expect(reports.at(-1)?.report).toMatchObject({ capability: 'read', state: 'ready' });
    expect(connects()).toBe(2);
  });

  it('that is wrong is tried again after an absence, where no uptime is told', async () => {
    gateway.state = 'remote';
    watches('wrong');
    expect(await seen()).toMatchObject(REFUSED);
    await rounds(1, 1);
    expect(connects()).toBe(1);
    await clock.waitFor(30_000);
    const { port } = new URL(gateway.url);
    await gateway.close();
    await clock.pass(30_000);
    expect(await seen(3)).toMatchObject({ state: 'unreachable' });
    gateway.sockets.tokens = { wrong: [READ] };
    await gateway.listen(Number(port));
    await clock.waitFor(1_000);
    await clock.pass(1_000);
    expect(await seen(4)).toMatchObject({ capability: 'read', state: 'ready' });
  });

  it('that was granted no scope asks for it again every 10 minutes', async () => {
    watches('right');
    expect(await seen()).toMatchObject({ capability: 'probe', tier_limit: 'scopes_withheld' });
    gateway.sockets.tokens['right'] = [READ];
    await rounds(1, 19);
    expect(connects()).toBe(1);
    await rounds(20, 1);
    expect(reports.at(-1)?.report).toMatchObject({ capability: 'read', state: 'ready', tier_limit: null });
    expect(connects()).toBe(2);
    expect(gateway.sockets.connected).toBe(1);
  });

  it('waits as long as a locked gateway says', async () => {
    gateway.sockets.lock();
    watches('right');
    expect(await seen()).toMatchObject({ capability: 'http', reason: 'rate_limited' });
    gateway.sockets.unlock();
    for (let n = 2; n <= 10; n++) {
      await clock.waitFor(30_000);
      await clock.pass(30_000);
      expect(await seen(n)).toMatchObject({ capability: 'http' });
    }
    expect(connects()).toBe(1); // 299,615 ms were asked for.
    await clock.waitFor(30_000);
    await clock.pass(30_000);
    expect(await seen(11)).toMatchObject({ capability: 'probe', state: 'ready' });
  });

  it('waits as long as a locked gateway says when the wall clock is set, too', async () => {
    gateway.sockets.lock();
    watches('right');
    await seen();
    gateway.sockets.unlock();
    clock.set(3_600_000);
    await clock.waitFor(30_000);
    await clock.pass(30_000);
    expect(await seen(2)).toMatchObject({ capability: 'http' });
    expect(connects()).toBe(1);
  });

  it.each([
    ['PROTOCOL_MISMATCH', { capability: 'http', state: 'ready', reason: 'protocol_mismatch' }],
    ['INVALID client id', { capability: 'http', state: 'ready', reason: 'protocol_mismatch' }],
    ['DEVICE_IDENTITY_REQUIRED', { capability: 'http', state: 'unauthorised', reason: 'pairing_required' }],
    [
      'PAIRING_REQUIRED',
      { reason: 'pairing_required', sentence: expect.stringContaining('openclaw devices approve 79dbf2f8-d229-485f-bcbe-09bb24498b77') },
    ],
    ['AUTH_SCOPE_MISMATCH', { capability: 'http', state: 'unauthorised', reason: 'unauthorised' }],
  ])('falls back to HTTP at %s, until the gateway is another version', async (error, expected) => {
    gateway.sockets.refusesWith = real.errors[error]!;
    watches('right');
    expect(await seen()).toMatchObject(expected);
    await clock.waitFor(30_000);
    await clock.pass(30_000);
    await seen(2);
    expect(connects()).toBe(1);
    gateway.sockets.refusesWith = null;
    gateway.state = 'remote'; // Which says no version: another one than before, for all one knows.
    await clock.waitFor(30_000);
    await clock.pass(30_000);
    expect(await seen(3)).toMatchObject({ capability: 'probe' });
  });

  it('follows a restart: 1012, 1013, and back', async () => {
    watches('right');
    await seen();
    await clock.waitFor(30_000);
    gateway.state = 'starting';
    gateway.sockets.restart();
    expect(await seen(2)).toMatchObject({ capability: 'http', state: 'starting', reason: 'starting' });
    await clock.waitFor(1_000);
    await clock.pass(1_000);
    expect(await seen(3)).toMatchObject({ state: 'starting' });
    gateway.state = 'local';
    await clock.waitFor(2_000);
    await clock.pass(2_000);
    expect(await seen(4)).toMatchObject({ capability: 'probe', state: 'ready', reason: null });
  });

  it('tells a gateway that froze after it took us in by its silence', async () => {
    watches('right');
    await seen();
    gateway.sockets.isMute = true;
    await clock.waitFor(60_000); // Two of its ticks.
    await clock.pass(30_000);
    await until('it asks again', () => gateway.sockets.asked.filter(({ method }) => method === 'health').length === 2);
    await clock.pass(10_000);
    await seen(2);
    await clock.pass(20_000);
    await until('it is given up, and tried again', () => gateway.sockets.upgrades === 2);
    await clock.pass(10_000);
    expect(await seen(3)).toMatchObject({ capability: 'http', state: 'not_ready', reason: 'heartbeat_timeout' });
  });

  it('stands as long as the gateway ticks', async () => {
    gateway.sockets.hello = { policy: { tickIntervalMs: 20_000 } };
    watches('right');
    await seen();
    await clock.waitFor(40_000);
    await clock.pass(20_000);
    gateway.sockets.tick();
    await clock.waitFor(40_000);
    expect(gateway.sockets.connected).toBe(1);
  });
});

describe('with the scope to read', () => {
  const asked = (wanted: string) => gateway.sockets.asked.filter(({ method }) => method === wanted);
  const counted = () => asked('sessions.usage');
  const told = (count: number) => until(`${count} figures, and not ${JSON.stringify(costs)}`, () => costs.length === count);
  const MOCK = {
    usd: 0.0411,
    tokens: 12_340,
    missing: 0,
    models: [{ model: 'mock/m1', usd: 0.0411, tokens: 12_340 }],
    agents: [{ agent: 'main', usd: 0.0411, tokens: 12_340 }],
  };
  const counting = { ...real['rpc.sessions.usage'], cacheStatus: { status: 'refreshing' } };

  it('reads what today costs, by model, in one question of all agents and one session', async () => {
    watches('reads');
    expect(await seen()).toMatchObject({ capability: 'read', tier_limit: null });
    await told(1);
    expect(costs).toEqual([['2026-02-01', MOCK]]);
    expect(counted()[0]?.params).toEqual({ startDate: '2026-02-01', endDate: '2026-02-01', mode: 'utc', agentScope: 'all', limit: 1 });
    expect(asked('usage.cost')).toEqual([]);
  });

  it('tells the figure that the gateway tells of two agents', async () => {
    gateway.sockets.answers['sessions.usage'] = real['rpc.sessions.usage.two-agents'];
    watches('reads');
    await told(1);
    const { totalCost: usd, totalTokens: tokens } = (real['rpc.usage.cost.two-agents'] as { totals: Record<string, number> }).totals;
    expect(costs).toMatchObject([['2026-02-01', { usd, tokens, models: [{ model: 'mock/m1', usd: 0.2877, tokens }] }]]);
    expect(costs[0]?.[1].agents).toEqual([
      { agent: 'main', usd: 0.2055, tokens: 61_700 },
      { agent: 'clerk', usd: 0.0822, tokens: 24_680 },
    ]);
  });

  it('takes a day without sessions for one that cost nothing, though no answer says how fresh it is', async () => {
    gateway.sockets.answers['sessions.usage'] = real['rpc.sessions.usage.empty'];
    watches('reads');
    await told(1);
    expect(costs).toEqual([['2026-02-01', { usd: 0, tokens: 0, missing: 0, models: [], agents: [] }]]);
  });

  it.each([
    ['an answer with sessions that says nothing of how fresh it is', { ...real['rpc.sessions.usage'], cacheStatus: undefined }],
    ['an answer that is stale', { ...real['rpc.sessions.usage'], cacheStatus: { status: 'stale' } }],
    ['an answer without sums', { ...real['rpc.sessions.usage'], totals: {} }],
  ])('takes no figure from %s', async (_what, answer) => {
    gateway.sockets.answers['sessions.usage'] = answer;
    watches('reads');
    await seen();
    await clock.waitFor(10_000);
    expect(costs).toEqual([]);
  });

  it('asks an older gateway, which refuses that, for the sum alone', async () => {
    gateway.sockets.refused.add('sessions.usage');
    watches('reads');
    await told(1);
    expect(costs).toEqual([['2026-02-01', { ...MOCK, models: [], agents: [] }]]);
    expect(asked('usage.cost')[0]?.params).toEqual({ startDate: '2026-02-01', endDate: '2026-02-01', mode: 'utc', agentScope: 'all' });
  });

  it('waits 30 s for a gateway that counts up, and reports it meanwhile', async () => {
    const counted = Promise.withResolvers<void>();
    gateway.sockets.late['sessions.usage'] = counted.promise;
    watches('reads');
    expect(await seen()).toMatchObject({ capability: 'read', state: 'ready' });
    await until('it is asked', () => asked('sessions.usage').length === 1);
    await clock.pass(29_000);
    counted.resolve();
    await told(1);
    expect(costs).toEqual([['2026-02-01', MOCK]]);
  });

  it.each([
    ['home/ada/models/big.gguf', 'other'],
    ['/srv/models/x', 'other'],
    ['a b', 'other'],
    ['llama3:8b', 'mock/llama3:8b'],
    ['anthropic/claude-sonnet-4.5', 'mock/anthropic/claude-sonnet-4.5'],
  ])('names a model that is called %s %s', async (model, name) => {
    const { aggregates } = real['rpc.sessions.usage'] as { aggregates: { byModel: object[] } };
    const byModel = aggregates.byModel.map((one) => ({ ...one, model }));
    gateway.sockets.answers['sessions.usage'] = { ...real['rpc.sessions.usage'], aggregates: { ...aggregates, byModel } };
    watches('reads');
    await told(1);
    expect(costs[0]?.[1].models).toMatchObject([{ model: name }]);
  });

  it('says nothing of cost while the gateway still counts, and asks again in 10 s', async () => {
    gateway.sockets.answers['sessions.usage'] = counting;
    watches('reads');
    await seen();
    await clock.waitFor(10_000);
    expect(costs).toEqual([]);
    delete gateway.sockets.answers['sessions.usage'];
    await clock.pass(10_000);
    await told(1);
    expect(costs).toEqual([['2026-02-01', MOCK]]);
  });

  it.each([0, -7_200_000])('asks again after 300 s, also when the wall clock is set by %d ms', async (ms) => {
    watches('reads');
    for (let n = 1; n <= 10; n++) {
      await seen(n);
      await told(1);
      if (n === 1) clock.set(ms);
      expect(counted()).toHaveLength(1);
      gateway.sockets.tick();
      await clock.waitFor(30_000);
      await clock.pass(30_000);
    }
    await told(2);
    expect(counted()).toHaveLength(2);
  });

  it.each([
    ['2026-01-30', ['2026-01-30', '2026-01-31', '2026-02-01']],
    ['2025-12-24', Array.from({ length: 8 }, (_, n) => new Date(Date.UTC(2026, 0, 25 + n)).toISOString().slice(0, 10))],
  ])('asks from the day on that was not known to its end, %s, a week back at most', async (costSince, days) => {
    watches('reads', costSince);
    await told(days.length);
    expect(
      counted()
        .map(({ params }) => (params as { startDate: string }).startDate)
        .toSorted(),
    ).toEqual(days);
    expect(costs.map(([day]) => day).toSorted()).toEqual(days);
  });

  it('asks at midnight of UTC for the day that ended and the one that begins, until the first is known', async () => {
    clock = new FakeClock(Date.parse('2026-02-01T23:59:45.000Z'));
    watches('reads');
    await told(1);
    gateway.sockets.answers['sessions.usage'] = counting;
    const days = (from: number) =>
      counted()
        .slice(from)
        .map(({ params }) => (params as { startDate: string }).startDate);
    await clock.waitFor(15_000);
    await clock.pass(15_000);
    await clock.waitFor(10_000);
    expect(days(1).toSorted()).toEqual(['2026-02-01', '2026-02-02']);
    delete gateway.sockets.answers['sessions.usage'];
    await clock.pass(10_000);
    await told(3);
    expect(days(3).toSorted()).toEqual(['2026-02-01', '2026-02-02']);
    expect(costs.map(([day]) => day).toSorted()).toEqual(['2026-02-01', '2026-02-01', '2026-02-02']);
  });
});

describe('with channels', () => {
  const TELEGRAM = real['rpc.health.telegram-not-connected'] as { ts: number; channels: { telegram: Record<string, unknown> } };
  /** As the recorded one, started so long ago, and changed; without accounts unless those are named. */
  const telegram = (startedAgoMs: number, change: object = {}) => {
    const { accounts: _accounts, ...channel } = TELEGRAM.channels.telegram;
    return { ...TELEGRAM, channels: { telegram: { ...channel, lastStartAt: TELEGRAM.ts - startedAgoMs, ...change } } };
  };
  const DOWN = { state: 'ready', reason: 'dependency_down', sentence: 'The gateway is ready; channel telegram is not connected.' };

  it('tells one that has been started and not connected for longer than 180 s, by name and class of error', async () => {
    gateway.sockets.answers['health'] = TELEGRAM;
    watches('right');
    expect(await seen()).toMatchObject({
      ...DOWN,
      channels: [{ name: 'telegram', connected: false, lifecycle: 'recovering', error: 'timeout', down_ms: 556_316 }],
    });
  });

  it('gives one that lost its connection 180 s to come back', async () => {
    gateway.sockets.answers['health'] = telegram(86_400_000, { lastConnectedAt: TELEGRAM.ts - 3_600_000 });
    watches('right');
    expect(await seen()).toMatchObject({ reason: null, channels: [{ connected: false, down_ms: 0 }] });
    for (let n = 1; n <= 7; n++) {
      await clock.waitFor(30_000);
      await clock.pass(30_000);
      gateway.sockets.tick();
      expect(await seen(n + 1)).toMatchObject(n === 7 ? DOWN : { reason: null, channels: [{ down_ms: n * 30_000 }] });
    }
    expect(reports.map(({ isNews }) => isNews)).toEqual([true, false, false, false, false, false, false, true]);
    gateway.sockets.answers['health'] = telegram(0, { connected: true, lifecycle: 'ready' });
    await clock.waitFor(30_000);
    await clock.pass(30_000);
    expect(await seen(9)).toMatchObject({
      ...{ state: 'ready', reason: null },
      channels: [{ connected: true, lifecycle: 'ready', error: null, down_ms: null }],
    });
  });

  it.each([
    ['is switched off', { enabled: false }],
    ['is not set up', { configured: false }],
  ])('says nothing of one that %s', async (_what, change) => {
    gateway.sockets.answers['health'] = telegram(3_600_000, change);
    watches('right');
    expect(await seen()).toMatchObject({ state: 'ready', reason: null, channels: [] });
  });

  it('does not count one down that has no connection to hold', async () => {
    gateway.sockets.answers['health'] = telegram(3_600_000, { connected: undefined, lifecycle: 'ready' });
    watches('right');
    expect(await seen()).toMatchObject({ reason: null, channels: [{ name: 'telegram', connected: null, error: null, down_ms: null }] });
  });

  it('counts one down of which a second account is', async () => {
    const { accounts, ...account } = telegram(3_600_000, { accounts: null }).channels.telegram as Record<string, unknown>;
    expect(accounts).toBeNull();
    const both = { default: { ...account, connected: true }, other: account, unused: { ...account, enabled: false } };
    gateway.sockets.answers['health'] = telegram(3_600_000, { connected: true, accounts: both });
    watches('right');
    expect(await seen()).toMatchObject({ ...DOWN, channels: [{ name: 'telegram', connected: false, down_ms: 3_600_000 }] });
  });

  it('names three of many', async () => {
    const { channels } = telegram(3_600_000);
    const names = ['a2a', 'discord', 'signal', 'slack', 'telegram'];
    const all = Object.fromEntries(names.map((name) => [name, channels.telegram]));
    gateway.sockets.answers['health'] = { ...TELEGRAM, channels: { ...all, 'a name of +49 170 1234567': channels.telegram } };
    watches('right');
    const report = await seen();
    expect(report.sentence).toBe('The gateway is ready; channels a2a, discord, signal and 2 more are not connected.');
    expect(report.channels.map(({ name }) => name)).toEqual(names);
  });
});
