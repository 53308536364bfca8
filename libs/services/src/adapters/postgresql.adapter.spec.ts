import { type AddressInfo, type Socket, createServer } from 'node:net';
import pg from 'pg';
import { databaseErrorOf, poolOf, privateStore, setUpReadStore } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import { ServiceProbe } from '../private/service-probe.entity.js';
import { ServiceProbe1767830400000 } from '../private/service-probe.migration.js';
import { PostgresqlProbe } from './postgresql.adapter.js';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await testDatabase();
  await setUpReadStore(
    database.url,
    privateStore(database.url, [{ entities: [ServiceProbe], migrations: [ServiceProbe1767830400000] }]),
    async () => undefined,
  );
});
beforeEach(() => {
  pool = poolOf(database.url, { name: 'test', max: 4 });
});
afterEach(() => pool.end());
afterAll(() => database.drop());

const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const probe = (of = pool): PostgresqlProbe => new PostgresqlProbe(of, 'test', 'postgresql://db');
const written = async (): Promise<string[]> =>
  (await pool.query<{ written_at: string }>(`SELECT written_at FROM private.service_probe`)).rows.map(({ written_at }) => written_at);
const without = async (url: string): Promise<{ result: unknown }> => {
  const other = poolOf(url, { name: 'test', max: 1 });
  try {
    return { result: await probe(other).look(soon()) };
  } finally {
    await other.end();
  }
};

it('reads, writes, and tells version and connections', async () => {
  const result = await probe().look(soon());
  expect(result).toMatchObject({ ok: true, findings: [], version: expect.stringMatching(/^\d+\.\d+/), latencyMs: expect.any(Number) });
  const [connections] = result.ok ? result.measured : [];
  expect(connections).toMatchObject({ gauge: 'connections' });
  expect(connections?.value).toBeGreaterThan(0);
  expect(connections?.value).toBeLessThan(1);
  expect(await written()).toHaveLength(1);
});

it('writes once a minute, not at each look', async () => {
  const one = probe();
  await one.look(soon());
  const first = await written();
  await one.look(soon());
  expect(await written()).toEqual(first);
});

it('fails when it can read and not write', async () => {
  await pool.query('ALTER TABLE private.service_probe RENAME TO elsewhere');
  const probeResult = await probe().look(soon());
  await pool.query('ALTER TABLE private.elsewhere RENAME TO service_probe');
  expect(probeResult).toMatchObject({ ok: false, reason: 'error_rate', detail: expect.stringContaining('service_probe') });
});

it('sees that the pool of this process is taken', async () => {
  const taken = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  const result = await probe().look(soon());
  for (const client of taken) client.release();
  expect(result.ok && result.measured).toEqual([{ gauge: 'connections', value: 0.75 }]);
});

it('says when it waited for a connection in vain', async () => {
  const taken = await Promise.all([1, 2, 3, 4].map(() => pool.connect()));
  const result = await probe().look(soon());
  for (const client of taken) client.release();
  expect(result).toEqual({ ok: false, reason: 'heartbeat_timeout', detail: 'postgresql://db did not answer in time.' });
});

it('says when nobody listens, when there is no such database, and when the password is wrong', async () => {
  const at = new URL(database.url);
  at.port = '1';
  expect(await without(at.href)).toMatchObject({
    result: { ok: false, reason: 'connect_refused', detail: 'postgresql://db refuses connections.' },
  });
  const wrong = new URL(database.url);
  wrong.password = 'not-the-password';
  const { result } = await without(wrong.href);
  expect(result).toMatchObject({ ok: false, reason: 'auth_rejected' });
  expect(JSON.stringify(result)).not.toContain('not-the-password');
  const missing = new URL(database.url);
  missing.pathname = '/no_such_database';
  expect(await without(missing.href)).toMatchObject({ result: { ok: false, reason: 'error_rate' } });
});

it('survives a connection that is cut under it, and finds the server again', async () => {
  const one = probe();
  await one.look(soon());
  const superuser = new pg.Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  await superuser.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test'`);
  await superuser.end();
  const results = [await one.look(soon()), await one.look(soon())];
  expect(results.at(-1)).toMatchObject({ ok: true });
});

it('says when a server takes the connection and says nothing', async () => {
  const held: Socket[] = [];
  const silent = createServer((socket) => void held.push(socket.on('error', () => undefined)));
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  const other = poolOf(`postgres://a:b@127.0.0.1:${(silent.address() as AddressInfo).port}/c`, { name: 'test', max: 1 });
  const result = await probe(other).look(soon()); // The pool gives up connecting after 2 s.
  expect(result).toMatchObject({ ok: false, reason: 'heartbeat_timeout' });
  await other.end();
  for (const socket of held) socket.destroy();
  await new Promise((closed) => silent.close(closed));
});

it('puts no connection back that was given up on', async () => {
  const giveUp = new AbortController();
  const locked = new pg.Client({ connectionString: database.url });
  await locked.connect();
  await locked.query('BEGIN; LOCK TABLE private.service_probe IN ACCESS EXCLUSIVE MODE');
  const looking = probe().look(giveUp.signal);
  while ((await locked.query(`SELECT 1 FROM pg_locks WHERE NOT granted`)).rowCount === 0)
    await new Promise((resolve) => setImmediate(resolve));
  giveUp.abort();
  expect(await looking).toMatchObject({ ok: false });
  expect(pool.totalCount).toBe(0);
  await locked.query('COMMIT');
  await locked.end();
});

it('is red after a statement found the disk full, though reading works', async () => {
  databaseErrorOf(Object.assign(new pg.DatabaseError('could not extend file', 1, 'error'), { code: '53100' })); // As a projector met it.
  expect(await probe().look(soon())).toMatchObject({
    ok: true,
    findings: [{ colour: 'red', reason: 'queue_backlog', detail: expect.stringContaining('The disk of PostgreSQL is full') }],
  });
});
