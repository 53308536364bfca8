import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answered, type Ran, type System, dataDir, freePort, launch, newLoginLink, startSystem, until } from './system.js';

const ROOT = join(import.meta.dirname, '../..');
const WAIT_MS = 60_000;

/** The line an operator runs on the host. */
function accept(dir: string, ...args: string[]): Promise<Ran> {
  const child = execFile(join(ROOT, 'node_modules/.bin/node'), [join(ROOT, 'dist/apps/standalone/src/log.js'), 'accept', ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', DATA_DIR: dir },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: string) => (stdout += chunk));
  child.stderr?.on('data', (chunk: string) => (stderr += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr })));
}

/** What was acknowledged, kept outside the system. */
interface Journal {
  readonly peers: Map<string, string>;
  last: string;
}

/** As `expect` is, outside of a test. */
function demand<T>(is: T, wanted: T): void {
  if (is !== wanted) throw new Error(`${String(is)}, not ${String(wanted)}`);
}

const peer = (n: number) => ({ remote_peer_id: `inst-${n}`, label: `Peer ${n}`, url: `https://peer-${n}.example` });
async function register(system: System, n: number, journal?: Journal): Promise<string> {
  const { status, body } = await system.call('POST', 'peers', peer(n));
  expect([status, body]).toEqual([202, expect.objectContaining({ position: expect.stringMatching(/^f\d+~[0-9a-z]{4}$/) })]);
  journal?.peers.set(body.peer_id, `inst-${n}`);
  if (journal !== undefined) journal.last = body.position;
  return body.peer_id;
}
async function decider(system: System, agent: string): Promise<string> {
  const said = { direction: 'out', peer_id: null, agent, method_class: null, action: 'allow', target_url: null, note: '', before: null };
  return (await system.call('POST', 'routes', said)).body.rule_id;
}
const tokenNamed = async (system: System, name: string): Promise<{ token_id: string; token: string }> =>
  (await system.call('POST', 'tokens', { name, role: 'operator', expires_in_days: 1 })).body;
const opens = async (system: System, token: string): Promise<number> =>
  (await system.call('GET', 'session', undefined, { authorization: `Bearer ${token}` })).status;

/** The embedded NATS keeps its streams here, whoever holds the rest. */
const storeIn = (dir: string): string => {
  const file = join(dir, 'clawbutler.json');
  const { servers_dir } = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as { servers_dir?: string };
  return join(servers_dir ?? join(dir, 'servers'), 'nats/store');
};

function putBack(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  copy(from, to);
}

/** With its owner: as root the servers run as somebody else. */
const copy = (from: string, to: string): void => void execFileSync('cp', ['-a', from, to]);

const codeOf = ({ status, body }: Answered): [number, string | undefined] => [status, body?.code];
const nats = async (system: System) => (await system.get('services/nats')).body?.data;
const isBack = (system: System) =>
  until(() => system.get('peers').catch(() => undefined), (answer) => answer?.status === 200 && answer.body.warnings.length === 0, WAIT_MS, 'it answers without a warning'); // prettier-ignore

const data = dataDir();
const journal: Journal = { peers: new Map(), last: '' };
let system: System;
let env: Record<string, string>;
let token: string;
beforeAll(async () => {
  env = { API_PORT: String(await freePort()), PUBLIC_PORT: String(await freePort()) };
  system = await startSystem({ dataDir: data.path, env });
  ({ token } = system);
}, 120_000);
afterAll(async () => {
  await system.stop();
  for (const older of ['.older', '.postgres']) rmSync(`${data.path}${older}`, { recursive: true, force: true });
  await data.remove();
}, 60_000);
const start = async (): Promise<void> => void (system = await startSystem({ dataDir: data.path, env, token }));
const instanceId = async (): Promise<string> => (await system.get('session')).body.instance_id;

describe('an older copy of NATS under a stopped node', () => {
  let kept: {
    suspended: string;
    removed: string;
    unchanged: string;
    decider: string;
    untouched: string;
    token: { token_id: string; token: string };
  };
  let lostPosition = '';
  beforeAll(async () => {
    kept = {
      suspended: await register(system, 1, journal),
      removed: await register(system, 2, journal),
      unchanged: await register(system, 3, journal),
      decider: await decider(system, 'planner'),
      untouched: await decider(system, 'buyer'),
      token: await tokenNamed(system, 'revoked in the lost part'),
    };
    await system.stop();
    copy(storeIn(data.path), `${data.path}.older`);
    await start();
    demand((await system.call('POST', `peers/${kept.suspended}/suspend`, { note: '', until: null })).status, 202);
    demand((await system.call('DELETE', `peers/${kept.removed}`)).status, 202);
    demand((await system.call('PATCH', `peers/${kept.unchanged}`, { label: 'another label' })).status, 202);
    demand((await system.call('DELETE', `routes/${kept.decider}`)).status, 202);
    const revoked = await system.call('POST', `tokens/${kept.token.token_id}/revoke`, {});
    lostPosition = revoked.body.position;
    demand((await system.get(`tokens?after=${lostPosition}`)).status, 200);
    await system.stop();
    putBack(`${data.path}.older`, storeIn(data.path));
    await start();
  }, 300_000);
  it('is refused with both ends, and read with a warning', async () => {
    const refused = await system.call('POST', 'peers', peer(9));
    expect(codeOf(refused)).toEqual([503, 'log.rewound']);
    expect(refused.body.detail).toMatch(/^FACTS ends at \d+, and was seen up to \d+/);
    expect(refused.body.next).toMatch(/npm run log -- accept --confirm=inst-/);
    const { status, body } = await system.get('peers');
    expect([status, body.warnings.map(({ code }: { code: string }) => code)]).toEqual([200, expect.arrayContaining(['log.rewound'])]);
    expect(body.data.map(({ peer_id }: { peer_id: string }) => peer_id).sort()).toEqual([kept.suspended, kept.unchanged].sort());
    expect(await nats(system)).toMatchObject({
      status: 'red',
      reason: 'log_rewound',
      sentence: expect.stringMatching(/ends at \d+, and was seen up to/),
    });
  });

  it.each([
    ['the wrong instance', ['--confirm=inst-other'], 'log.not-confirmed'],
    ['no instance', [], 'log.not-confirmed'],
  ])('is not accepted for %s', async (_what, args, code) => {
    const { code: exit, stderr } = await accept(data.path, ...args);
    expect([exit, stderr]).toEqual([1, expect.stringContaining(`(${code})`)]);
    expect(codeOf(await system.call('POST', 'peers', peer(9)))).toEqual([503, 'log.rewound']);
  });

  it('is not accepted as restored where nothing was restored', async () => {
    const { instance_id } = (await system.get('session')).body;
    expect((await accept(data.path, '--restored', `--confirm=${instance_id}`)).stderr).toContain('(log.not-restored)');
    writeFileSync(
      join(data.path, 'restore-manifest.json'),
      JSON.stringify({ instance_id: 'inst-other', restored_at: '', backup_hash: '' }),
    );
    expect((await accept(data.path, '--restored', `--confirm=${instance_id}`)).stderr).toContain('(log.not-restored)');
    rmSync(join(data.path, 'restore-manifest.json'));
    expect(codeOf(await system.call('POST', 'peers', peer(9)))).toEqual([503, 'log.rewound']);
  });

  it('is accepted on the host while the system runs, and what was lost of rights is held', async () => {
    const { instance_id } = (await system.get('session')).body;
    const ran = await accept(data.path, `--confirm=${instance_id}`);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    const held = [...ran.stdout.matchAll(/^held: (.*?): (\S+)/gm)].map(([, what, id]) => `${what} ${id}`);
    expect(held.sort()).toEqual([`peers ${kept.suspended}`, `peers ${kept.removed}`, `routing rules ${kept.decider}`, `service tokens ${kept.token.token_id}`].sort()); // prettier-ignore
    await isBack(system);
    expect((await system.get('session')).body.instance_id).toBe(instance_id);
    expect(await opens(system, kept.token.token)).toBe(401);
    const peers = (await system.get('peers')).body.data as {
      peer_id: string;
      lifecycle: string;
      held_at: string | null;
      remote_peer_id: string;
    }[];
    expect(
      Object.fromEntries(peers.map(({ peer_id, held_at, lifecycle }) => [peer_id, held_at === null ? lifecycle : `held ${lifecycle}`])),
    ).toEqual({
      [kept.suspended]: 'held suspended',
      [kept.removed]: 'held suspended',
      [kept.unchanged]: 'pending',
    });
    expect(new Map(peers.map(({ peer_id, remote_peer_id }) => [peer_id, remote_peer_id]))).toEqual(journal.peers);
    const rules = (await system.get('routes')).body.data as { rule_id: string; held: boolean }[];
    expect(rules.map(({ rule_id, held: isHeld }) => [rule_id, isHeld])).toEqual([[kept.decider, true], [kept.untouched, false]]); // prettier-ignore
  }, 120_000);

  it('takes no position of the history that is gone', async () => {
    for (const position of [lostPosition, lostPosition.replace(/~.*/, '')])
      expect(codeOf(await system.get(`peers?after=${position}`))).toEqual([410, 'position.other-log']);
    expect(codeOf(await system.get(`events?before=${lostPosition}`))).toEqual([410, 'position.other-log']);
  });

  it('writes who accepted it, and is not accepted again while it is whole', async () => {
    const [fact] = (await system.get('events?type=log.stream.accepted')).body.data;
    expect(fact).toMatchObject({ subject: 'facts.log.stream.FACTS', actor: 'system:log-accept', data: { stream: 'FACTS' } });
    expect(fact.data.old_end).toBeGreaterThan(fact.data.new_end);
    const { instance_id } = (await system.get('session')).body;
    const again = await accept(data.path, `--confirm=${instance_id}`);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('(log.healthy)')]);
  });

  it('gives back one by one what an admin releases', async () => {
    const released = await system.call('POST', `tokens/${kept.token.token_id}/release`, {});
    expect(released.status).toBe(202);
    const tokens = (await system.get(`tokens?after=${released.body.position}`)).body.data as { token_id: string; held_at: string | null }[];
    expect(tokens.find(({ token_id }) => token_id === kept.token.token_id)).toMatchObject({ held_at: null });
    expect(await opens(system, kept.token.token)).toBe(401); // Its secret went when it was revoked.
    const { body } = await system.call('POST', `peers/${kept.suspended}/release`, {});
    const peers = (await system.get(`peers?after=${body.position}`)).body.data as { peer_id: string; held_at: string | null }[];
    expect(peers.filter(({ held_at }) => held_at !== null).map(({ peer_id }) => peer_id)).toEqual([kept.removed]);
    const { body: after } = await system.call('POST', `routes/${kept.decider}/release`, {});
    expect((await system.get(`routes?after=${after.position}`)).body.data.some(({ held }: { held: boolean }) => held)).toBe(false);
    await register(system, 9);
  });
});

describe('an older copy of NATS under a running node', () => {
  let removed: string;
  beforeAll(async () => {
    removed = await register(system, 20, journal);
    const older = `${data.path}.older`;
    rmSync(older, { recursive: true, force: true });
    process.kill(system.serverPid('nats'), 'SIGSTOP');
    copy(storeIn(data.path), older);
    process.kill(system.serverPid('nats'), 'SIGCONT');
    await register(system, 21);
    demand((await system.call('DELETE', `peers/${removed}`)).status, 202);
    const { position } = (await system.get('events')).body;
    demand((await system.get(`peers?after=${position}`)).status, 200);
    system.process.kill('SIGSTOP'); // Who supervises NATS must not start it before the copy is there.
    process.kill(system.serverPid('nats'), 'SIGKILL');
    putBack(older, storeIn(data.path));
    system.process.kill('SIGCONT');
  }, 120_000);

  it('is refused as soon as NATS is back, by the same process', async () => {
    await until(() => system.call('POST', 'peers', peer(29)).catch(() => undefined), (answer) => answer?.body?.code === 'log.rewound', WAIT_MS, 'it is refused'); // prettier-ignore
    expect((await system.get('events?limit=1')).body.warnings).toMatchObject([{ code: 'log.rewound' }]);
    expect((await system.get('events?type=federation.peer.registered&limit=1')).body.data[0].data.remote_peer_id).toBe('inst-20');
  }, 90_000);

  it('is accepted, and a peer that was removed in the lost part is held', async () => {
    const ran = await accept(data.path, `--confirm=${await instanceId()}`);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toContain(`held: peers: ${removed}`);
    await isBack(system);
    const peers = (await system.get('peers?limit=200')).body.data as { peer_id: string; remote_peer_id: string }[];
    const registered = peers.map(({ peer_id, remote_peer_id }) => [peer_id, remote_peer_id] as const);
    expect(new Map(registered.filter(([, remote]) => remote !== 'inst-9'))).toEqual(journal.peers);
    await register(system, 22, journal);
  }, 120_000);
});

describe('an older copy of PostgreSQL', () => {
  const postgresIn = (): string => join(storeIn(data.path), '../../postgres/data');

  it('lets nobody in by a token that was revoked since', async () => {
    const revoked = await tokenNamed(system, 'revoked since');
    expect(await opens(system, revoked.token)).toBe(200);
    await system.stop();
    copy(postgresIn(), `${data.path}.postgres`);
    await start();
    const { body } = await system.call('POST', `tokens/${revoked.token_id}/revoke`, {});
    expect((await system.get(`tokens?after=${body.position}`)).status).toBe(200);
    await system.stop();
    putBack(`${data.path}.postgres`, postgresIn());
    await start();
    expect(await opens(system, revoked.token)).toBe(401);
    expect(await opens(system, token)).toBe(200);
    await register(system, 23, journal);
  }, 300_000);
});

describe('an emptied NATS', () => {
  let before: string;
  beforeAll(async () => {
    before = await instanceId();
    await system.stop();
    rmSync(storeIn(data.path), { recursive: true });
    const launched = await launch({ dataDir: data.path, env });
    demand(launched.link === null, false);
    system = { ...system, process: launched.process, printed: launched.printed, stop: () => ended(launched.process) };
  }, 120_000);

  it('does not end the start, is the instance it was, and makes no stream', async () => {
    expect(system.printed()).toContain('(log.missing): no stream was made');
    expect(system.printed()).toContain(`npm run log -- accept --confirm=${before}`);
    expect(codeOf(await system.call('POST', 'peers', peer(30)))).toEqual([503, 'log.missing']);
    // The log was accepted before: a token must be named by a fact, which cannot be read.
    expect(codeOf(await system.get('peers'))).toEqual([503, 'log.missing']);
  });

  it('goes on under the same identity when it is accepted, and what no fact names opens nothing', async () => {
    const ran = await accept(data.path, `--confirm=${before}`);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    await until(() => opens(system, token).catch(() => 0), (status) => status === 401, WAIT_MS, 'the token opens nothing'); // prettier-ignore
    const link = await until(() => newLoginLink(data.path).catch(() => ''), (found) => found !== '', WAIT_MS, 'it runs again'); // prettier-ignore
    const session = await system.call('POST', 'session', { code: new URL(link).hash.slice('#code='.length) }, {});
    expect(session.status).toBe(201);
    const headers = { cookie: session.headers.get('set-cookie')?.split(';')[0] ?? '', 'x-csrf-token': session.body.csrf_token };
    expect((await system.call('GET', 'session', undefined, headers)).body.instance_id).toBe(before);
    expect((await system.call('POST', 'peers', peer(31), headers)).status).toBe(202);
  }, 120_000);
});

async function ended(child: System['process']): Promise<number | null> {
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  child.kill('SIGTERM');
  return exit;
}
