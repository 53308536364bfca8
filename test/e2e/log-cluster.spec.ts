import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestCluster, type TestDatabase, startTestCluster, testDatabase } from '@app/runtime/testing';
import { dataDir, freePort, newLoginLink, until, untilCaughtUp } from './system.js';

const ROOT = join(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const WAIT_MS = 60_000;

let cluster: TestCluster;
let database: TestDatabase;
let env: Record<string, string>;
let origin: string;
let cookie: Record<string, string>;
const nowhere = dataDir();
const running: ChildProcess[] = [];

/** Runs one of our programs to its end. */
const toEnd = (file: string, ...args: string[]): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    execFile(NODE, [join(ROOT, 'dist/apps', file), ...args], { cwd: ROOT, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, said: `${stdout}${stderr}` }),
    );
  });
const ask = async (method: string, path: string, body?: object): Promise<{ status: number; body: any }> => {
  const headers = { ...cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await fetch(`${origin}/api/v1/infrastructure/${path}`, init).catch(() => undefined);
  return answer === undefined ? { status: 0, body: undefined } : { status: answer.status, body: await answer.json() };
};
const register = (n: number) => ask('POST', 'peers', { remote_peer_id: `inst-${n}`, label: `Peer ${n}`, url: `https://peer-${n}.example` });
const registered = (n: number) => until(() => register(n), ({ status }) => status === 202, WAIT_MS, `peer ${n} is registered`); // prettier-ignore
const copy = (from: string, to: string): void => void execFileSync('cp', ['-a', from, to]);
const killAll = () => Promise.all(cluster.nodes.map((node) => node.kill()));
const restartAll = () => Promise.all(cluster.nodes.map((node) => node.restart()));

beforeAll(async () => {
  [cluster, database] = await Promise.all([startTestCluster(), testDatabase()]);
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '/',
    DATA_DIR: nowhere.path,
    NATS_URL: [cluster.access.servers].flat().join(','),
    NATS_REPLICAS: '3',
    DATABASE_URL: database.url,
    API_PORT: String(port),
    SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  const { code, said } = await toEnd('setup/src/main.js');
  if (code !== 0) throw new Error(said);
  for (const app of ['api', 'projector']) running.push(spawn(NODE, [`dist/apps/${app}/src/main.js`], { cwd: ROOT, env, stdio: 'ignore' }));
  await until(() => fetch(`${origin}/readyz`).then(({ status }) => status, () => 0), (status) => status === 200, WAIT_MS, 'it is ready'); // prettier-ignore
  const link = await newLoginLink(nowhere.path, env);
  const session = await fetch(`${origin}/api/v1/infrastructure/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: new URL(link).hash.slice('#code='.length) }),
  });
  const { csrf_token } = (await session.json()) as { csrf_token: string };
  cookie = { cookie: session.headers.get('set-cookie')?.split(';')[0] ?? '', 'x-csrf-token': csrf_token };
}, 180_000);
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  for (const { storeDir } of cluster.nodes) rmSync(`${storeDir}.older`, { recursive: true, force: true });
  await cluster.stop();
  await database.drop();
  await nowhere.remove();
}, 60_000);

describe('older copies of NATS under a cluster of three, with the processes running', () => {
  const acknowledged = new Map<string, string>();
  let removed = '';
  beforeAll(async () => {
    for (const n of [1, 2, 3]) acknowledged.set((await registered(n)).body.peer_id, `inst-${n}`);
    [removed = ''] = acknowledged.keys();
    await killAll();
    for (const { storeDir } of cluster.nodes) copy(storeDir, `${storeDir}.older`);
    await restartAll();
    await registered(4); // In the lost part.
    const gone = await until(() => ask('DELETE', `peers/${removed}`), ({ status }) => status === 202, WAIT_MS, 'the peer is removed'); // prettier-ignore
    const read = await untilCaughtUp(() => ask('GET', `peers?after=${gone.body.position}`));
    if (read.status !== 200) throw new Error(JSON.stringify(read));
    await killAll();
    for (const { storeDir } of cluster.nodes) {
      rmSync(storeDir, { recursive: true });
      copy(`${storeDir}.older`, storeDir);
    }
    await restartAll();
  }, 240_000);

  it('are refused once they answer, and nothing is written to them', async () => {
    const { body } = await until(() => register(5), ({ body: said }) => said?.code === 'log.rewound', WAIT_MS, 'it is refused'); // prettier-ignore
    expect(body.detail).toMatch(/^FACTS ends at \d+, and was seen up to \d+/);
    const events = await until(() => ask('GET', 'events?type=federation.peer.registered'), ({ status }) => status === 200, WAIT_MS, 'the log is read'); // prettier-ignore
    expect(events.body.data.map(({ data }: { data: { remote_peer_id: string } }) => data.remote_peer_id)).toEqual([
      'inst-3',
      'inst-2',
      'inst-1',
    ]);
    expect(events.body.warnings).toMatchObject([{ code: 'log.rewound' }]);
  }, 120_000);

  it('are accepted under them, with what was lost of rights held, and rows are the fold of what was acknowledged', async () => {
    const instance = (await ask('GET', 'session')).body.instance_id;
    const { code, said } = await toEnd('standalone/src/log.js', 'accept', `--confirm=${instance}`);
    expect([code, said]).toEqual([0, expect.stringContaining(`held: peers: ${removed}`)]);
    const { body } = await until(() => ask('GET', 'peers'), (answer) => answer.status === 200 && answer.body.warnings.length === 0, WAIT_MS, 'it answers without a warning'); // prettier-ignore
    const peers = body.data as { peer_id: string; remote_peer_id: string; held_at: string | null }[];
    expect(new Map(peers.map(({ peer_id, remote_peer_id }) => [peer_id, remote_peer_id]))).toEqual(acknowledged);
    expect(peers.filter(({ held_at }) => held_at !== null).map(({ peer_id }) => peer_id)).toEqual([removed]);
    const written = await registered(6);
    const read = await untilCaughtUp(() => ask('GET', `peers?after=${written.body.position}`));
    expect(read.body.data).toHaveLength(4);
  }, 180_000);
});
