import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestDatabase, type TestNats, startTestNats, testDatabase } from '@app/runtime/testing';
import { dataDir, freePort, newLoginLink, until } from './system.js';

const ROOT = join(import.meta.dirname, '../..');

let nats: TestNats;
let database: TestDatabase;
let env: Record<string, string>;
let origin: string;
const running: ChildProcess[] = [];

const run = (app: string, more: Record<string, string> = {}): { child: ChildProcess; printed: () => string } => {
  const child = spawn(join(ROOT, 'node_modules/.bin/node'), [`dist/apps/${app}/src/main.js`], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (text += chunk.toString()));
  return { child, printed: () => text };
};

beforeAll(async () => {
  [nats, database] = await Promise.all([startTestNats({ syncAlways: true }), testDatabase()]);
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  env = {
    NATS_URL: [nats.access.servers].flat().join(','),
    NATS_MONITOR_URL: nats.monitorUrl,
    DATABASE_URL: database.url,
    API_PORT: String(port),
    PROBE_API_URL: origin,
    SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
}, 60_000);
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await nats.stop();
  await database.drop();
}, 30_000);

it.each(['api', 'projector', 'prober', 'setup'])('%s alone says what it must be told', async (app) => {
  const { child, printed } = run(app, { NATS_URL: '', DATABASE_URL: '' });
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(printed()).toContain('NATS_URL and DATABASE_URL must be set');
  expect(printed()).not.toMatch(/^ +at /m);
});

it('nothing starts on streams that no set-up made', async () => {
  const { child, printed } = run('projector');
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(printed()).toContain('FACTS is missing');
  expect(printed()).toContain('event-store.stream-drift');
});

it('set up once, the processes are one system, and each ends in order', async () => {
  for (const time of ['first', 'second']) {
    const { child, printed } = run('setup');
    expect([time, await once(child, 'exit'), printed()]).toEqual([
      time,
      [0, null],
      expect.stringMatching(/^Set up\. This instance is inst-/),
    ]);
  }
  running.push(...['api', 'projector', 'prober'].map((app) => run(app).child));
  await until(
    async () => (await fetch(`${origin}/readyz`).catch(() => null))?.status,
    (status) => status === 200,
    30_000,
    'the API is ready',
  );

  const nowhere = dataDir();
  const link = await newLoginLink(nowhere.path, env);
  const session = await fetch(`${origin}/api/v1/infrastructure/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: new URL(link).hash.slice('#code='.length) }),
  });
  expect(session.status).toBe(201);
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
  const services = async (): Promise<{ component_id: string; status: string }[]> =>
    ((await (await fetch(`${origin}/api/v1/infrastructure/services`, { headers: { cookie } })).json()) as { data?: [] }).data ?? [];
  const seen = await until(
    services,
    (all) => all.length === 5 && all.every(({ status }) => status !== 'unknown'),
    30_000,
    'verdicts on all five',
  );
  expect(seen.find(({ component_id }) => component_id === 'valkey')).toMatchObject({ status: 'amber', reason: 'dependency_down' });

  for (const child of running) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }
  await nowhere.remove();
}, 120_000);
