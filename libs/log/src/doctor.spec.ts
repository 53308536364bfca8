import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InstanceIdentity, LogInspector, LogMarks } from '@app/event-store';
import { Put, type TestLog, muteProxy, openTestLog, poison } from '@app/event-store/testing';
import { PublicOptions } from '@app/http';
import { type Answered, type TestApp, testAppOf } from '@app/http/testing';
import { Clock, IsId, Position, projectionOf } from '@app/kernel';
import { DatabaseInspector, JetStreamStrategy, Progress, Projections, Projector, poolOf } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import type pg from 'pg';
import { Disks } from './disks.js';
import { StrangersSource } from './strangers.js';
import { KeyLook } from './key-look.js';
import { Doctor } from './read/doctor/doctor.adapter.js';
import { DoctorController } from './read/doctor/doctor.controller.js';

class Observed {
  @IsId() item_id: string;
}
const seen = projectionOf(Observed)({
  table: 'thing_seen',
  version: 1,
  id: 'item_id',
  reads: [Put],
  key: (event) => event.data.item_id,
  on: { 'test.thing.put': (_before, { data: { item_id } }) => ({ item_id }) },
});

/** PostgreSQL behind a network that the test cuts, NATS on a server of its own. */
let log: TestLog;
let database: TestDatabase;
let proxy: Awaited<ReturnType<typeof muteProxy>>;
let pool: pg.Pool;
let progress: Progress;
let strategy: JetStreamStrategy;
let app: TestApp;
const inPublic = createServer((_request, response) => response.end(JSON.stringify({ status: 'ready', failing: [] })));

beforeAll(async () => {
  [log, database] = await Promise.all([openTestLog(), testDatabase()]);
  const { port, host } = new URL(database.url);
  proxy = await muteProxy(database.url);
  pool = poolOf(database.url.replace(host, `127.0.0.1:${new URL(proxy.url).port}`), { name: `test ${port}`, max: 5 });
  await pool.query('CREATE SCHEMA read');
  await new Promise<void>((resolve) => inPublic.listen(0, '127.0.0.1', resolve));
  progress = new Progress(log.store.nc);
  strategy = new JetStreamStrategy([new Projector(seen, log.store, pool, () => undefined)], log.store.rpc, pool);
  strategy.listen(() => undefined);
  app = await testAppOf(
    [DoctorController],
    [
      ...[Clock, Doctor],
      { provide: LogInspector, useValue: new LogInspector(log.store, log.sizes) },
      { provide: LogMarks, useValue: log.marks },
      { provide: DatabaseInspector, useValue: new DatabaseInspector(pool, { migrations: [] }, [seen]) },
      { provide: Projections, useValue: new Projections([seen], pool, log.store) },
      { provide: Disks, useValue: { spaces: async () => [{ name: 'DATA_DIR', freeBytes: 2 * 1024 ** 3 }] } },
      { provide: StrangersSource, useValue: { lately: async () => ({ total: 0, latest: [] }) } },
      { provide: KeyLook, useValue: { look: async () => ({ state: 'ready', fingerprint: '21fe' }) } },
      { provide: PublicOptions, useValue: { publicUrl: `http://127.0.0.1:${(inPublic.address() as AddressInfo).port}` } },
      { provide: InstanceIdentity, useValue: log.store.identity },
    ],
  );
  const position = await poison(log.store, 'facts.test.thing.bad');
  if (!(await progress.reached('thing_seen', new Position({ facts: position }), 10_000))) throw new Error('nothing was parked in time');
});
afterAll(async () => {
  await app.close();
  proxy.unmute();
  await strategy.close();
  progress.stop();
  await pool.end();
  await proxy.close();
  await log.stop();
  await database.drop();
  inPublic.close();
});

const examined = async (): Promise<Answered & { readonly states: Record<string, string> }> => {
  const answer = await app.ask('GET', 'doctor');
  expect(answer.status).toBe(200);
  const checks = answer.body.data.checks as { id: string; state: string }[];
  return { ...answer, states: Object.fromEntries(checks.map(({ id, state }) => [id, state])) };
};
const detailOf = ({ body }: Answered, id: string): string => body.data.checks.find((check: { id: string }) => check.id === id).detail;

const WELL = {
  ...{ nats: 'ok', streams: 'ok', log: 'ok', postgresql: 'ok', projections: 'ok', parked: 'warn' },
  ...{ checkpoints: 'ok', clock: 'ok', disk: 'ok', public_url: 'ok', addresses: 'ok', strangers: 'ok', instance_key: 'ok' },
};

it('finds all well but for a parked row, and says of which instance and release', async () => {
  const answer = await examined();
  expect(answer.states).toEqual(WELL);
  expect(detailOf(answer, 'parked')).toContain('in thing_seen');
  expect(answer.body.data).toMatchObject({ instance_id: log.store.identity.instance_id, release: expect.stringMatching(/^\d/) });
});

it('gives those who ask at the same time one report', async () => {
  const doctor = app.app.get(Doctor);
  const [one, two] = await Promise.all([doctor.report(), doctor.report()]);
  expect(one).toBe(two);
  expect(await doctor.report()).not.toBe(one);
});

it('finds a checkpoint of another log, and one beyond the end', async () => {
  await pool.query(`UPDATE read.thing_seen_checkpoint SET incarnation = 'OTHER'`);
  expect((await examined()).states).toMatchObject({ checkpoints: 'fail', log: 'ok' });
  await pool.query(`UPDATE read.thing_seen_checkpoint SET incarnation = $1, position = 99`, [log.store.identity.incarnation]);
  const answer = await examined();
  expect(detailOf(answer, 'checkpoints')).toContain('thing_seen has read facts up to 99, which ends at 1');
  await pool.query(`UPDATE read.thing_seen_checkpoint SET position = 1`);
  expect((await examined()).states).toEqual(WELL);
});

it('finds a log that another process saw further', async () => {
  const trouble = { code: 'log.rewound', detail: 'FACTS ends at 1, and was seen up to 7', end: 1 };
  await log.marks.settle('FACTS', log.store.identity.incarnation, trouble);
  const answer = await examined();
  expect(answer.states).toMatchObject({ log: 'fail' });
  expect(detailOf(answer, 'log')).toContain('FACTS ends at 1, and was seen up to 7 (log.rewound)');
  await log.marks.settle('FACTS', log.store.identity.incarnation, null);
});

it('answers while PostgreSQL hangs: that is the failed check, and what needs it is not checked', async () => {
  proxy.isolate();
  const answer = await examined();
  expect(answer.states).toMatchObject({ nats: 'ok', streams: 'ok', log: 'ok', disk: 'ok', public_url: 'ok' });
  expect(answer.states).toMatchObject({ postgresql: 'fail', projections: 'warn', parked: 'warn', checkpoints: 'warn', clock: 'warn' });
  expect(detailOf(answer, 'postgresql')).toMatch(/^PostgreSQL does not answer: /);
  expect(detailOf(answer, 'checkpoints')).toContain('because a check before it failed: PostgreSQL');
});

it('answers while PostgreSQL cuts every connection', async () => {
  await proxy.close();
  const answer = await examined();
  expect(answer.states).toMatchObject({ nats: 'ok', postgresql: 'fail', projections: 'warn' });
});

it('answers while nothing answers', async () => {
  const disconnected = (async () => {
    for await (const { type } of log.store.nc.status()) if (type === 'disconnect') return;
  })();
  await log.nats.kill();
  await disconnected;
  const answer = await examined();
  expect(answer.states).toEqual({
    ...{ nats: 'fail', streams: 'warn', log: 'warn', postgresql: 'fail', projections: 'warn', parked: 'warn' },
    ...{ checkpoints: 'warn', clock: 'warn', disk: 'ok', public_url: 'ok', addresses: 'ok', strangers: 'ok', instance_key: 'ok' },
  });
  expect(detailOf(answer, 'nats')).toMatch(/^NATS at nats:\/\/127\.0\.0\.1:\d+ does not answer: /);
});
