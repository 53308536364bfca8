import type { GatewayReport } from '../../../../libs/edge/src/tunnel.protocol.js';
import { FakeGateway, type GatewayState } from '../../../../test/fake-openclaw/fake-gateway.js';
import { real } from '../../../../test/fake-openclaw/frames.js';
import { nameOf } from '../address.js';
import type { DayCost } from '../outbox.js';
import { FakeClock, until } from '../testing/fake-clock.js';
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
  reports = [];
  costs = [];
  await gateway.listen();
});
afterEach(async () => {
  watch.stop();
  await gateway.close();
  await running;
});

function watches(token: string | null, costSince: string | null = null): void {
  const listener = {
    seen: (report: GatewayReport, isNews: boolean) => void reports.push({ report, isNews }),
    cost: (_name: string, day: string, cost: DayCost) => void costs.push([day, cost]),
  };
  watch = new GatewayWatch({ name: nameOf(gateway.url), url: gateway.url, token, costSince }, '0.1.0', clock, listener);
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

  it('looks every 30 s while it is well, and after 1, 2, 4 ... 30 s while it is not, and at once finds it back', async () => {
    watches(null);
    await seen();
    await clock.waitFor(30_000);
    const { port } = new URL(gateway.url);
    await gateway.close();
    await clock.pass(30_000);
    expect(await seen(2)).toMatchObject({ state: 'unreachable', reason: 'connect_refused' });
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000]) {
      await clock.waitFor(waitMs);
      await clock.pass(waitMs);
    }
    await clock.waitFor(30_000);
    await gateway.listen(Number(port));
    await clock.pass(30_000);
    expect(await seen(8)).toMatchObject({ state: 'ready' });
    expect(reports.map(({ isNews }) => isNews)).toEqual([true, true, false, false, false, false, false, true]);
  });
});

describe('with a token', () => {
  it('looks closer, as an operator without scopes and without an origin', async () => {
    watches('right');
    expect(await seen()).toMatchObject({ capability: 'probe', state: 'ready', version: '2026.9.6', sessions: 0, reason: null });
    const [connect] = gateway.sockets.asked;
    expect(connect?.params).toEqual({
      minProtocol: 4,
      maxProtocol: 4,
      client: { id: 'gateway-client', version: '0.1.0', platform: process.platform, mode: 'backend' },
      role: 'operator',
      scopes: [],
      caps: [],
      auth: { token: 'right' },
    });
    expect(connect?.headers.origin).toBeUndefined();
    expect(gateway.sockets.asked.map(({ method }) => method)).toEqual(['connect', 'health']);
  });

  it('asks no method that the gateway does not name', async () => {
    gateway.sockets.hello = { features: { methods: ['status'] } };
    watches('reads');
    expect(await seen()).toMatchObject({ capability: 'probe', sessions: null });
    expect(gateway.sockets.asked.map(({ method }) => method)).toEqual(['connect']);
  });

  it.each([
    [{ plugins: { errors: [{ id: 'memory' }] } }, 'dependency_down', 'The gateway is ready; 1 plugin did not load.'],
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

  it('that is wrong, says so, and never tries it again', async () => {
    watches('wrong');
    expect(await seen()).toMatchObject({
      capability: 'http',
      state: 'unauthorised',
      reason: 'unauthorised',
      sentence: expect.stringContaining('edge-agent gateway-token'),
    });
    for (let n = 2; n < 15; n++) {
      await clock.waitFor(30_000);
      await clock.pass(30_000);
      expect(await seen(n)).toMatchObject({ capability: 'http', state: 'unauthorised' });
    }
    expect(connects()).toBe(1);
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
  const listed = () => gateway.sockets.asked.filter(({ method }) => method === 'sessions.list');
  const counted = () => gateway.sockets.asked.filter(({ method }) => method === 'usage.cost');

  it('counts sessions and what today costs', async () => {
    watches('reads');
    expect(await seen()).toMatchObject({ capability: 'read', sessions: 1 });
    expect(costs).toEqual([['2026-02-01', { usd: 0.0411, tokens: 12_340, missing: 0 }]]);
    expect(counted()[0]?.params).toEqual({ startDate: '2026-02-01', endDate: '2026-02-01', mode: 'utc', agentScope: 'all' });
    expect(gateway.sockets.asked.find(({ method }) => method === 'sessions.list')?.params).toEqual({ limit: 1 });
  });

  it('says nothing of cost while the gateway still counts, and asks again in 10 s', async () => {
    gateway.sockets.answers['usage.cost'] = real['rpc.usage.cost.refreshing'];
    watches('reads');
    await seen();
    expect(costs).toEqual([]);
    delete gateway.sockets.answers['usage.cost'];
    await clock.waitFor(10_000);
    await clock.pass(10_000);
    await seen(2);
    expect(costs).toEqual([['2026-02-01', { usd: 0.0411, tokens: 12_340, missing: 0 }]]);
  });

  it.each([0, -7_200_000])('asks again after 300 s, also when the wall clock is set by %d ms', async (ms) => {
    watches('reads');
    for (let n = 1; n <= 10; n++) {
      await seen(n);
      if (n === 1) clock.set(ms);
      expect(counted()).toHaveLength(1);
      expect(listed()).toHaveLength(Math.ceil(n / 2));
      gateway.sockets.tick();
      await clock.waitFor(30_000);
      await clock.pass(30_000);
    }
    await seen(11);
    expect(counted()).toHaveLength(2);
  });

  it.each([
    ['2026-01-30', ['2026-01-30', '2026-01-31', '2026-02-01']],
    ['2025-12-24', Array.from({ length: 8 }, (_, n) => new Date(Date.UTC(2026, 0, 25 + n)).toISOString().slice(0, 10))],
  ])('asks from the day on that was not known to its end, %s, a week back at most', async (costSince, days) => {
    watches('reads', costSince);
    await seen();
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
    await seen();
    gateway.sockets.answers['usage.cost'] = real['rpc.usage.cost.refreshing'];
    const days = (from: number) =>
      counted()
        .slice(from)
        .map(({ params }) => (params as { startDate: string }).startDate);
    await clock.waitFor(15_000);
    await clock.pass(15_000);
    await seen(2);
    expect(days(1).toSorted()).toEqual(['2026-02-01', '2026-02-02']);
    delete gateway.sockets.answers['usage.cost'];
    await clock.waitFor(10_000);
    await clock.pass(10_000);
    await seen(3);
    expect(days(3).toSorted()).toEqual(['2026-02-01', '2026-02-02']);
    expect(costs.map(([day]) => day).toSorted()).toEqual(['2026-02-01', '2026-02-01', '2026-02-02']);
  });
});
