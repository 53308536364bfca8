import { type AddressInfo, type Socket, createServer } from 'node:net';
import { Redis } from 'iovalkey';
import { type TestValkey, startTestValkey } from '@app/runtime/testing';
import { MissingValkeyProbe, ValkeyProbe } from './valkey.adapter.js';

let server: TestValkey;
let admin: Redis;
beforeAll(async () => {
  server = await startTestValkey();
  admin = new Redis(server.url);
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

const look = (url = server.url) => new ValkeyProbe(url).look(AbortSignal.timeout(10_000));
const clients = async (): Promise<string[]> =>
  ((await admin.client('LIST')) as string).split('\n').filter((line) => line.includes('clawbutler-probe'));

it('pings, writes, reads, and tells its version', async () => {
  expect(await look()).toMatchObject({
    ok: true,
    findings: [],
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    latencyMs: expect.any(Number),
  });
});

it('leaves nothing for long, and no connection', async () => {
  await admin.flushall();
  await look();
  const [key = ''] = await admin.keys('clawbutler:probe:*');
  expect(await admin.pttl(key)).toBeGreaterThan(0);
  while ((await clients()).length > 0) await new Promise((resolve) => setImmediate(resolve));
});

it('tells how full its memory is, where it has a limit', async () => {
  await admin.config('SET', 'maxmemory', '100mb');
  const limited = await look();
  await admin.config('SET', 'maxmemory', '0');
  expect(await look()).toMatchObject({ measured: [] });
  const [memory] = limited.ok ? limited.measured : [];
  expect(memory?.gauge).toBe('memory');
  expect(memory?.value).toBeGreaterThan(0.001);
  expect(memory?.value).toBeLessThan(0.5);
});

it('says when there is no memory left to write', async () => {
  await admin.config('SET', 'maxmemory', '1');
  const result = await look();
  await admin.config('SET', 'maxmemory', '0');
  expect(result).toMatchObject({ ok: false, reason: 'queue_backlog' });
});

it('says when the password is wrong, and shows none', async () => {
  const probeResult = await look(server.url.replace(/:\/\/[^@]*@|:\/\//, '://:not-the-password@'));
  expect(probeResult).toMatchObject({ ok: false, reason: 'auth_rejected' });
  expect(JSON.stringify(probeResult)).not.toContain('not-the-password');
});

it('says when nobody listens', async () => {
  const { port } = new URL(server.url);
  await server.kill();
  expect(await look()).toEqual({ ok: false, reason: 'connect_refused', detail: `redis://127.0.0.1:${port} refuses connections.` });
  await server.restart();
  expect(await look()).toMatchObject({ ok: true });
});

it('gives up on a server that accepts and says nothing, when told to', async () => {
  const accepted = Promise.withResolvers<Socket>();
  const silent = createServer((socket) => accepted.resolve(socket));
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  const giveUp = new AbortController();
  const looking = new ValkeyProbe(`redis://127.0.0.1:${(silent.address() as AddressInfo).port}`).look(giveUp.signal);
  const socket = await accepted.promise;
  giveUp.abort();
  expect(await looking).toMatchObject({ ok: false });
  socket.destroy();
  await new Promise((closed) => silent.close(closed));
});

it('says what is missing where there is none', async () => {
  expect(await new MissingValkeyProbe('No valkey-server here.').look()).toMatchObject({
    ok: true,
    latencyMs: null,
    findings: [{ colour: 'amber', reason: 'dependency_down', detail: 'No valkey-server here.' }],
  });
});
