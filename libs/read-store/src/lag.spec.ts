import { randomUUID } from 'node:crypto';
import { IsInt } from 'class-validator';
import pg from 'pg';
import { Put, type TestLog, openTestLog, put } from '@app/event-store/testing';
import { type Instant, IsId, projectionOf } from '@app/kernel';
import { type Announcement, Projector, hearAnnouncements, poolOf, projectionLag } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';

class Row {
  @IsId() item_id: string;
  @IsInt() puts: number;
}
const counted = projectionOf(Row)({
  table: 'thing_counted',
  version: 1,
  id: 'item_id',
  reads: [Put],
  key: ({ data }) => data.item_id,
  on: {
    'test.thing.put': (before, { data }) => ({ item_id: data.item_id, puts: (before?.puts ?? 0) + 1 }),
  },
});

let log: TestLog;
let database: TestDatabase;
let pool: pg.Pool;
let projector: Projector | undefined;
beforeAll(async () => {
  [log, database] = await Promise.all([openTestLog(), testDatabase()]);
  pool = poolOf(database.url, { name: 'lag', max: 4 });
  await pool.query('CREATE SCHEMA read');
}, 120_000);
afterAll(async () => {
  await projector?.stop();
  await pool.end();
  await Promise.all([log.stop(), database.drop()]);
});
const AHEAD_MS = 600_000;
/** The clock of this machine is ten minutes ahead of that of NATS, and events say that they are years old. */
beforeEach(() => {
  const now = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => now() + AHEAD_MS);
});
afterEach(() => jest.restoreAllMocks());

let end = 0;
async function store(): Promise<void> {
  const expected = new Map([['facts.test.thing.a', end]]);
  const at = '2020-02-01T12:00:00.000Z' as Instant;
  const appended = await log.store.appender.append({ commandId: randomUUID(), actor: 'test', at, events: [put('a')], expected });
  if (appended.outcome !== 'committed') throw new Error(appended.outcome);
  end = appended.position;
}
const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  for (const over = performance.now() + 20_000; !(await isSo());) {
    if (performance.now() > over) throw new Error('it does not become so');
    await new Promise((resolve) => setTimeout(resolve, 10)); // Between two looks.
  }
};
const measured = async (measure: ReturnType<typeof projectionLag>) => (await measure())[0]!;

it('is no age while rows are built for the first time, only the number of events and whether they move', async () => {
  for (let n = 0; n < 3; n++) await store();
  const stored = await log.store.storedAt('FACTS', 1);
  const measure = projectionLag(pool, log.store, [counted]);
  await until(async () => Date.parse((await log.store.info('FACTS')).ts ?? '') > (stored?.getTime() ?? Infinity));
  expect(await measured(measure)).toMatchObject({ lag_events: 3, lag_seconds: 0 });
});

it('is measured by the clock of NATS, whatever this machine and the events say', async () => {
  const heard: Announcement[] = [];
  const listening = hearAnnouncements(log.store.nc, (said) => void heard.push(said));
  projector = new Projector(counted, log.store, pool, () => undefined);
  projector.start();
  await until(() => heard.some(({ position }) => position === 3));
  await store();
  await until(() => heard.some(({ position }) => position === 4));
  for (const { lag_ms } of heard) expect(lag_ms).toBeLessThan(AHEAD_MS / 2);
  listening.unsubscribe();

  await projector.stop();
  await store();
  const measure = projectionLag(pool, log.store, [counted]);
  await until(async () => (await measured(measure)).lag_seconds > 0);
  const lag = await measured(measure);
  expect(lag).toMatchObject({ lag_events: 1 });
  expect(lag.lag_seconds).toBeLessThan(AHEAD_MS / 2_000);
});
