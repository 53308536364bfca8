import { CliHarness } from '../testing/ap.js';
import { agent, component, connected, dead, peer } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());
const STATUS = ['infrastructure', 'status'];

it('says the status, what is wrong, and that there is more', async () => {
  expect(await cli.ap(STATUS)).toMatchObject({
    code: 0,
    out: `1 problem · 1/2 healthy · as of 10:03:12Z (lag 120 ms)
KIND  NAME    STATUS   FOR  LATENCY  LAST SEEN  WHY
svc   Valkey  ▲ amber  38s  64 ms    now        slow: p95 64 ms > 20 ms
`,
    err: '(1 healthy, 2 pending, suspended or unknown not shown, use --all)\n',
  });
});

it('shows everything with --all, each once', async () => {
  expect(await cli.ap([...STATUS, '--all'])).toMatchObject({
    code: 0,
    err: '',
    out: `1 problem · 1/2 healthy · as of 10:03:12Z (lag 120 ms)
KIND  NAME                 STATUS     FOR  LATENCY  LAST SEEN  WHY
svc   Valkey               ▲ amber    38s  64 ms    now        slow: p95 64 ms > 20 ms
peer  Lisbon, second hall  ◌ pending  4m   -        -          never_connected: Waiting for the mutual challenge.
peer  Porto                ◌ pending  4m   -        -          never_connected: Waiting for the mutual challenge.
svc   PostgreSQL           ● green    3h   3.2 ms   now        -
`,
  });
});

it('counts the edge agents that are well, and shows those that are not with what is last known of them', async () => {
  cli.api.edge.agents.push(agent(), dead);
  cli.api.peers.splice(0, 2, connected());
  const { out, err } = await cli.ap(STATUS);
  expect(out).toBe(`2 problems · 2/4 healthy · as of 10:03:12Z (lag 120 ms)
KIND  NAME     STATUS          FOR  LATENCY  LAST SEEN  WHY
edge  porto-7  ⬣ disconnected  4m   -        5m ago     heartbeat_timeout: No frames for 50 s, grace over.
svc   Valkey   ▲ amber         38s  64 ms    now        slow: p95 64 ms > 20 ms
`);
  expect(err).toBe('(3 healthy not shown, use --all)\n');
  expect((await cli.ap([...STATUS, '--all'])).out).toBe(`2 problems · 2/4 healthy · as of 10:03:12Z (lag 120 ms)
KIND  NAME                 STATUS          FOR  LATENCY  LAST SEEN  WHY
edge  porto-7              ⬣ disconnected  4m   -        5m ago     heartbeat_timeout: No frames for 50 s, grace over.
svc   Valkey               ▲ amber         38s  64 ms    now        slow: p95 64 ms > 20 ms
peer  Lisbon, second hall  ● connected     4m   12 ms    now        -
edge  berlin-3             ● connected     2h   31 ms    now        -
svc   PostgreSQL           ● green         3h   3.2 ms   now        -
`);
});

it('ends with 11 when an edge agent is gone', async () => {
  cli.api.edge.agents.push(dead);
  expect((await cli.ap([...STATUS, '--exit-status'])).code).toBe(11);
});

it('is one line when all is well', async () => {
  cli.api.components = [component()];
  cli.api.peers.length = 0;
  expect(await cli.ap(STATUS)).toMatchObject({
    out: '0 problems · 1/1 healthy · as of 10:03:12Z (lag 120 ms)\n',
    err: '(1 healthy not shown, use --all)\n',
  });
});

it('teaches when there is nothing yet', async () => {
  cli.api.components = [];
  cli.api.peers.length = 0;
  expect((await cli.ap(STATUS)).err).toBe('Nothing is watched yet. Add a peer: ap infrastructure peers add --help\n');
});

it('is quiet with -q', async () => expect((await cli.ap([...STATUS, '-q'])).err).toBe(''));

it('is the overview in an envelope with -o json', async () => {
  const { code, out, err } = await cli.json(STATUS);
  expect([code, err]).toEqual([0, '']);
  expect(Object.keys(out)).toEqual(['schema', 'as_of', 'position', 'lag_ms', 'data', 'warnings']);
  expect(out).toMatchObject({
    schema: 'ap.infra.status/v1',
    position: 'f40',
    lag_ms: 120,
    data: { verdict: 'degraded', instance_id: 'inst-here' },
  });
  expect(out.data).not.toHaveProperty('items');
  const all = await cli.json([...STATUS, '--all']);
  expect(all.out.data.items.map(({ kind, id }: { kind: string; id: string }) => `${kind} ${id}`)).toEqual([
    'svc valkey',
    'peer lisbon-2',
    'peer porto-1',
    'svc postgresql',
  ]);
});

it.each([
  ['up', 0],
  ['degraded', 10],
  ['down', 11],
  ['unknown', 12],
] as const)('ends with what it found when asked to: %s is %i', async (health, code) => {
  cli.api.components = [component({ health })];
  expect(await cli.ap([...STATUS, '--exit-status'])).toMatchObject({ code });
  expect(await cli.json([...STATUS, '--exit-status'])).toMatchObject({ code, out: { data: { verdict: health } } });
  expect((await cli.ap(STATUS)).code).toBe(0);
});

it('keeps to the width of the terminal', async () => {
  cli.api.peers.push(peer({ label: '東京の長い名前のピア', sentence: 'Waiting. '.repeat(20) }));
  const { out } = await cli.ap([...STATUS, '--all'], { columns: 80, env: { NO_COLOR: '1' } });
  for (const line of out.split('\n'))
    expect(line.length + line.replaceAll(/[^\u3000-\u9fff\u30a0-\u30ff]/g, '').length).toBeLessThanOrEqual(80);
  expect(out).not.toMatch(/ $/m);
  expect(out).not.toContain('…');
});
