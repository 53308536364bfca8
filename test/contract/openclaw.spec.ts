import { systemClock as clock } from '../../apps/edge-agent/src/clock.js';
import { GatewayWatch } from '../../apps/edge-agent/src/openclaw/gateway-watch.js';
import type { DayCost } from '../../apps/edge-agent/src/retry-queue.js';
import type { GatewayReport } from '../../libs/edge/src/tunnel.protocol.js';
import { GatewayProbe } from '../../libs/services/src/adapters/gateway.adapter.js';
import { eventually } from '../../libs/edge/testing/eventually.js';
import { FakeGateway } from '../fake-openclaw/fake-gateway.js';
import { real } from '../fake-openclaw/frames.js';
import { PlainClient, connectParams } from '../fake-openclaw/plain-client.js';
import { RealGateway } from '../fake-openclaw/real-gateway.js';

/** A gateway with a token that is good on its own machine, and two agents that have cost something. */
interface Subject {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

async function double(): Promise<Subject> {
  const gateway = new FakeGateway();
  const token = 'shared';
  gateway.sockets.tokens = { [token]: ['operator.read', 'operator.admin'] };
  gateway.sockets.answers['health'] = real['rpc.health.two-agents'];
  gateway.sockets.answers['usage.cost'] = real['rpc.usage.cost.two-agents'];
  gateway.sockets.answers['sessions.usage'] = real['rpc.sessions.usage.two-agents'];
  return { url: await gateway.listen(), token, close: () => gateway.close() };
}

async function package_(packageDir: string): Promise<Subject> {
  const gateway = await RealGateway.open(packageDir);
  for (const agent of ['main', 'clerk']) await gateway.spend(agent);
  return gateway;
}

/** Where `npm install openclaw` was run; without it the double alone is asked. */
const PACKAGE = process.env['OPENCLAW_DIR'];
const SUBJECTS: [string, () => Promise<Subject>][] = [
  ['the double', double],
  ...(PACKAGE === undefined ? [] : [['the real package', () => package_(PACKAGE)] satisfies [string, () => Promise<Subject>]]),
];
const OPEN_MS = 600_000;
/** A real gateway calls its figures final a while after the last of them. */
const COUNTED_MS = 300_000;

describe.each(SUBJECTS)('a gateway as the agent relies on it: %s', (_name, open) => {
  let subject: Subject;
  const clients: PlainClient[] = [];
  beforeAll(async () => {
    subject = await open();
  }, OPEN_MS);
  afterAll(async () => {
    for (const client of clients) client.close();
    await subject?.close();
  });

  const client = (): PlainClient => {
    const one = new PlainClient(subject.url);
    clients.push(one);
    return one;
  };
  const connected = async (change: object): Promise<[PlainClient, Hello]> => {
    const one = client();
    const answer = await one.ask('connect', connectParams(subject.token, { minProtocol: 4, maxProtocol: 4, ...change }));
    expect(answer).toMatchObject({ ok: true, payload: { type: 'hello-ok', protocol: 4 } });
    return [one, (answer as { payload: Hello }).payload];
  };
  interface Hello {
    auth: { scopes: string[] };
    server: { version: string; bootId: string };
    features: { methods: string[] };
  }
  interface Figures {
    totals: { totalCost: number; totalTokens: number };
    cacheStatus?: { status: string };
  }
  const today = (): string => new Date().toISOString().slice(0, 10);
  const range = () => ({ startDate: today(), endDate: today(), mode: 'utc', agentScope: 'all' });

  it.each([
    ['grants a backend client on its machine what it asks for', {}, ['operator.read'], ['operator.read']],
    ['grants nothing that was not asked for', {}, [], []],
    [
      'grants no scope to a client without a device that is no backend, and does not refuse it',
      { client: { id: 'openclaw-probe', mode: 'probe', version: '0.1.0', platform: 'linux' } },
      ['operator.read'],
      [],
    ],
  ])('%s', async (_what, change, scopes, granted) => {
    const [, hello] = await connected({ ...change, scopes });
    expect(hello.auth).toMatchObject({ method: 'token', role: 'operator', scopes: granted });
  });

  it('refuses figures without the scope to read, tells its health all the same', async () => {
    const [one] = await connected({ scopes: [] });
    for (const method of ['usage.cost', 'sessions.usage'])
      expect(await one.ask(method, range())).toMatchObject({ ok: false, error: real.errors['MISSING_SCOPE'] });
    expect(await one.ask('health', {})).toMatchObject({ ok: true, payload: { ok: true } });
  });

  it('says of a method that does not exist that another scope is missing', async () => {
    const [one] = await connected({ scopes: ['operator.read'] });
    expect(await one.ask('no.such.method', {})).toMatchObject({ ok: false, error: real.errors['UNKNOWN_METHOD'] });
  });

  it.each([
    ['AUTH_TOKEN_MISMATCH', 'INVALID_REQUEST', { auth: { token: 'wrong' } }, 1008],
    ['DEVICE_IDENTITY_REQUIRED', 'NOT_PAIRED', { auth: {} }, 1008],
    ['PROTOCOL_MISMATCH', 'INVALID_REQUEST', { minProtocol: 5, maxProtocol: 6 }, 1002],
  ])('refuses with %s, and closes', async (detail, code, change, closed) => {
    const one = client();
    const answer = await one.ask('connect', connectParams(subject.token, { minProtocol: 4, maxProtocol: 4, scopes: [], ...change }));
    expect(answer).toMatchObject({ ok: false, error: { code, details: { code: detail } } });
    await one.until(() => one.closed !== null);
    expect(one.closed?.[0]).toBe(closed);
  });

  it('names the methods that the agent asks by, but for one that it answers', async () => {
    const [one, { features }] = await connected({ scopes: ['operator.read'] });
    expect(features.methods).toEqual(expect.arrayContaining(['health', 'usage.cost']));
    expect(features.methods).not.toContain('sessions.usage');
    expect(await one.ask('sessions.usage', { ...range(), limit: 1 })).toMatchObject({ ok: true });
  });

  it('tells sessions for each agent, channels, plugins and its configuration', async () => {
    const [one] = await connected({ scopes: [] });
    expect(await one.ask('health', {})).toMatchObject({
      payload: {
        ts: expect.any(Number),
        agents: [{ sessions: { count: expect.any(Number) } }, { sessions: { count: expect.any(Number) } }],
        channels: expect.any(Object),
        plugins: { errors: expect.any(Array), unavailable: expect.any(Array) },
        configReload: { hotReloadStatus: 'active' },
      },
    });
  });

  it('is alive, started and ready for the prober of this instance', async () => {
    expect(await new GatewayProbe(subject.url).look(AbortSignal.timeout(10_000))).toMatchObject({
      ...{ ok: true, findings: [], capability: 'http' },
      version: expect.any(String),
      uptimeMs: expect.any(Number),
    });
  });

  it(
    'is read by the agent down to its cost, which is the figure that it tells itself',
    async () => {
      const costs = new Map<string, DayCost>();
      const reports: GatewayReport[] = [];
      const listener = {
        seen: (report: GatewayReport) => void reports.push(report),
        cost: (_name: string, day: string, cost: DayCost) => void costs.set(day, cost),
      };
      const watched = { name: 'gateway', url: subject.url, token: subject.token, costSince: null };
      const watch = new GatewayWatch(watched, '0.1.0', clock, listener);
      const running = watch.run();
      try {
        await eventually('it tells the cost of a day', () => costs.size > 0, COUNTED_MS);
        const [one] = await connected({ scopes: ['operator.read'] });
        const own = (await one.ask('sessions.usage', { ...range(), limit: 1 })) as { payload: Figures };
        const { totalCost, totalTokens } = own.payload.totals;
        expect(reports[0]).toMatchObject({ capability: 'read', state: 'ready', tier_limit: null, reason: null });
        expect([...costs.values()]).toMatchObject([{ usd: totalCost, tokens: totalTokens, missing: 0 }]);
        expect(totalCost).toBeGreaterThan(0);
        const [{ models }] = [...costs.values()] as [DayCost];
        expect(models).toEqual([{ model: 'mock/m1', usd: expect.closeTo(totalCost, 6), tokens: totalTokens }]);
      } finally {
        watch.stop();
        await running;
      }
    },
    COUNTED_MS + 60_000,
  );

  it('is told apart by the agent as a gateway that does not take its token', async () => {
    const reports: GatewayReport[] = [];
    const listener = { seen: (report: GatewayReport) => void reports.push(report), cost: () => undefined };
    const watch = new GatewayWatch({ name: 'gateway', url: subject.url, token: 'wrong', costSince: null }, '0.1.0', clock, listener);
    const running = watch.run();
    await watch.looked;
    watch.stop();
    await running;
    expect(reports[0]).toMatchObject({ capability: 'http', state: 'unauthorised', reason: 'unauthorised', tier_limit: 'token_refused' });
  });
});
