import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answered, type System, dataDir, freePort, launch, startSystem, until } from './system.js';

const data = dataDir();
let system: System;
beforeAll(async () => void (system = await startSystem({ dataDir: data.path })), 120_000);
afterAll(async () => {
  await system.stop();
  await data.remove();
}, 60_000);

it('answers when it says so', async () => {
  expect(await system.get('/readyz')).toMatchObject({ status: 200, body: { status: 'ready', failing: [] } });
  expect(await system.get('/healthz')).toMatchObject({ status: 200, body: { status: 'live' } });
});

it('its NATS server syncs every write, and is green only because it says so', async () => {
  const conf = readFileSync(join(data.path, 'servers/nats/nats.conf'), 'utf8');
  const [, monitor] = /http: *"?(127\.0\.0\.1:\d+)/.exec(conf) ?? [];
  const [, path] = /http_base_path: *"?([^"\n]+)/.exec(conf) ?? [];
  expect((await fetch(`http://${monitor}/varz`)).status).toBe(404); // Only whoever reads its configuration knows where it answers.
  const varz = (await (await fetch(`http://${monitor}${path}/varz`)).json()) as { jetstream: { config: { sync_always?: boolean } } };
  expect(varz.jetstream.config.sync_always).toBe(true);
  const isEvaluated = ({ status, body }: Answered): boolean => status === 200 && body.data.status !== 'unknown';
  const { body } = await until(() => system.get('services/nats'), isEvaluated, 30_000, 'a verdict on NATS');
  expect(body.data).toMatchObject({ status: 'green', reason: null });
});

it('refuses a second start on the same data, and says whose they are', async () => {
  const second = await launch({ dataDir: data.path });
  expect(second.link).toBeNull();
  expect(second.process.exitCode).toBe(1);
  expect(second.printed()).toContain('runtime.data-dir-in-use');
  expect(second.printed()).toContain(String(system.process.pid));
  expect(second.printed()).not.toMatch(/^ +at /m);
  expect((await system.get('/readyz')).status).toBe(200);
});

it('names a taken port and the way out, before anything is started', async () => {
  const other: Server = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const more = dataDir();
  const started = await launch({ dataDir: more.path, env: { API_PORT: String(port) } });
  expect(started.process.exitCode).toBe(1);
  expect(started.printed()).toContain(`Port ${port} on 127.0.0.1 is taken`);
  expect(started.printed()).toContain('API_PORT=');
  other.close();
  await more.remove();
});

it.each([
  ['API_PORT', 'many'],
  ['NATS_URL', 'localhost'],
  ['FACTS_MAX_BYTES', '12'],
  ['CALLS_MAX_BYTES', '12'],
  ['GATEWAYS', 'berlin'],
])('does not start with %s=%s, and says what it must be', async (name, value) => {
  const more = dataDir();
  const started = await launch({ dataDir: more.path, env: { [name]: value } });
  expect(started.process.exitCode).toBe(1);
  expect(started.printed()).toContain(`${name} must be`);
  expect(started.printed()).not.toMatch(/^ +at /m);
  await more.remove();
});

it('names every variable that is wrong at once, and each once', async () => {
  const more = dataDir();
  const started = await launch({ dataDir: more.path, env: { API_PORT: 'abc', PUBLIC_PORT: '70000', SECRETS_KEY: 'short', GATEWAYS: 'x' } });
  expect(started.process.exitCode).toBe(1);
  for (const name of ['API_PORT', 'PUBLIC_PORT', 'SECRETS_KEY', 'GATEWAYS'])
    expect(started.printed().split(`${name} must be`)).toHaveLength(2);
  await more.remove();
});

it('says which of the servers it is given it cannot use, before anything is started', async () => {
  const more = dataDir();
  const url = `postgres://u:hunter2@127.0.0.1:${await freePort()}/x`;
  const started = await launch({ dataDir: more.path, env: { DATABASE_URL: url } });
  expect(started.process.exitCode).toBe(1);
  expect(started.printed()).toMatch(/\(DATABASE_URL\) cannot be used: .* \(standalone\.database-unusable\)\n {2}next: /);
  expect(started.printed()).not.toContain('hunter2');
  expect(existsSync(more.path)).toBe(false);
  await more.remove();
});

it('ends in order, and starts again with what it knew', async () => {
  const added = await system.call('POST', 'peers', { remote_peer_id: 'inst-1', label: 'Lisbon', url: 'https://lisbon.example' });
  expect(added.status).toBe(202);
  const pids = (['nats', 'postgres', 'valkey'] as const).map((name) => system.serverPid(name));
  expect(await system.stop()).toBe(0);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  system = await startSystem({ dataDir: data.path, token: system.token });
  const peers = await system.get(`peers?after=${added.body.position}`);
  expect(peers.body.data).toMatchObject([{ label: 'Lisbon', status: 'pending' }]);
}, 120_000);

it('ends in order though nobody reads any more what it prints', async () => {
  const pids = (['nats', 'postgres', 'valkey'] as const).map((name) => system.serverPid(name));
  system.process.stdout?.destroy();
  system.process.stderr?.destroy();
  expect(await system.stop()).toBe(0);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
}, 60_000);
