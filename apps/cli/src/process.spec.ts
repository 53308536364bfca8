import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { CliHarness } from './testing/ap.js';
import { ADMIN_TOKEN, LOGIN_CODE } from './testing/fake-api.js';
import { Miniature } from './testing/miniature.js';

let cli: CliHarness;
let installation: Miniature;
beforeAll(async () => {
  installation = await Miniature.build();
});
afterAll(() => installation.close());
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());

const STATUS = ['infra', 'status'];
const environment = (more: Record<string, string> = {}) => ({ ...cli.env, AP_URL: cli.api.url, AP_TOKEN: ADMIN_TOKEN, ...more });
/** As an older Node would see itself. */
const AS_NODE_20 = [
  '--import',
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})',
];

it('answers with data on stdout, words on stderr and an exit code', async () => {
  const ap = installation.start([...STATUS, '--exit-status'], environment());
  expect(await ap.ended).toBe(10);
  expect(ap.out).toMatch(/^1 problem · 1\/2 healthy/);
  expect(ap.err).toBe('(1 healthy, 2 pending, suspended or unknown not shown, use --all)\n');
});

it('says the version of its package', async () => {
  const { version } = JSON.parse(await readFile(join(installation.root, 'apps/cli/package.json'), 'utf8'));
  const ap = installation.start(['--version'], {});
  expect(await ap.ended).toBe(0);
  expect(ap.out).toBe(`${version}\n`);
});

it('writes problems to stderr alone', async () => {
  const ap = installation.start([...STATUS, '-o', 'json'], environment({ AP_TOKEN: 'cb_srv_wrong' }));
  expect(await ap.ended).toBe(4);
  expect(ap.out).toBe('');
  expect(JSON.parse(ap.err)).toMatchObject({ code: 'access.login-needed' });
});

it('logs in from a pipe and ends by itself', async () => {
  const ap = installation.start(['auth', 'login'], cli.env);
  ap.child.stdin!.end(`${cli.api.url}/login#code=${LOGIN_CODE}\n`);
  expect(await ap.ended).toBe(0);
  expect(cli.api.sessionsAreClosed).toBe(true);
});

it('reads a pipe until it has what it wants, though the other end stays open', async () => {
  const ap = installation.start(['auth', 'login', '--timeout', '200ms'], cli.env);
  ap.child.stdin!.write('nothing of use');
  expect(await ap.ended).toBe(2);
  expect(ap.err).toContain('Standard input stayed open');
});

it('ends quietly when nobody reads on', async () => {
  cli.api.events = Array.from({ length: 5000 }, (_, n) => ({ ...cli.api.events[0]!, position: `f${5000 - n}` }));
  const ap = installation.start(['infra', 'events', 'list', '--limit', '5000'], environment());
  ap.child.stdout!.destroy();
  expect(await ap.ended).toBe(0);
  expect(ap.err).toBe('');
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ends at %s with %i', async (signal, code) => {
  cli.api.behaviour = () => {};
  const asked = cli.api.request();
  const ap = installation.start(STATUS, environment());
  await asked;
  ap.child.kill(signal);
  expect(await ap.ended).toBe(code);
  expect(ap.err).toMatch(/^ap: Interrupted before the answer came \(cli\.interrupted\)\nnext: /);
});

it('shows no secret among the arguments of its processes', async () => {
  cli.api.behaviour = () => {};
  const secret = 'a secret that both sides know, of good length';
  const add = [
    'infra',
    'peers',
    'add',
    '--remote-peer-id',
    'inst-new',
    '--url',
    'https://faro.example',
    '--label',
    'Faro',
    '--secret-stdin',
  ];
  const asked = cli.api.request();
  const ap = installation.start(add, environment(), AS_NODE_20); // Two processes: the old Node and the one that takes over.
  ap.child.stdin!.end(secret);
  await asked;
  expect(cli.api.seen[0]!.body).toMatchObject({ outbound_secret: secret });
  const pids = [ap.child.pid!, ...(await childrenOf(ap.child.pid!))];
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8')));
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(line).toContain('--secret-stdin');
    expect(line).not.toContain(secret);
    expect(line).not.toContain(ADMIN_TOKEN);
  }
  ap.child.kill('SIGTERM');
  expect(await ap.ended).toBe(143);
});

const childrenOf = async (pid: number): Promise<number[]> =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean).map(Number);

describe('an old Node', () => {
  it('hands over to the one of the repository, with arguments, pipes and exit code', async () => {
    const ap = installation.start([...STATUS, '--exit-status'], environment(), AS_NODE_20);
    expect(await ap.ended).toBe(10);
    expect(ap.out).toMatch(/^1 problem/);
  });

  it('says what to do where there is none, or where that is as old', async () => {
    const modules = join(installation.root, 'node_modules');
    const target = join(installation.root, 'elsewhere');
    await rename(modules, target);
    const alone = installation.start(['--version'], {}, AS_NODE_20);
    expect(await alone.ended).toBe(1);
    await rename(target, modules);
    const again = installation.start(['--version'], { AP_REEXECUTED: '1' }, AS_NODE_20);
    expect(await again.ended).toBe(1);
    for (const { out, err } of [alone, again]) {
      expect(out).toBe('');
      expect(err).toMatch(
        /^ap: Node 20\.20\.2 is too old: ap needs 24\.15 or newer \(cli\.node-too-old\)\nnext: run npm ci in the repository/,
      );
    }
  });
});

it('says so when it is not built', async () => {
  const dist = join(installation.root, 'dist');
  await rename(dist, `${dist}.away`);
  const ap = installation.start(['--version'], {});
  expect(await ap.ended).toBe(1);
  await rename(`${dist}.away`, dist);
  expect(ap.err).toBe('ap: it is not built yet (cli.not-built)\nnext: run npm start or npm run build first\n');
});
