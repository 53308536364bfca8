import { IsInt } from 'class-validator';
import { Put, type TestLog, openTestLog } from '@app/event-store/testing';
import { IsId, projectionOf } from '@app/kernel';
import { DatabaseInspector, DatabaseUnavailable, Projector, Progress, poolOf } from '@app/read-store';
import { readable } from '@app/read-store/testing';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import type pg from 'pg';

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
  on: { 'test.thing.put': (before, { data }) => ({ item_id: data.item_id, puts: (before?.puts ?? 0) + 1 }) },
});
const neverBuilt = { ...counted, table: 'thing_never_built' };
class Old1 {}
class New2 {}
const migrations = [new Old1(), new New2()] as never;

let log: TestLog;
let database: TestDatabase;
let pool: pg.Pool;
let inspector: DatabaseInspector;
beforeAll(async () => {
  [log, database] = await Promise.all([openTestLog(), testDatabase()]);
  pool = poolOf(database.url, { name: 'inspected', max: 4 });
  await pool.query('CREATE SCHEMA read; CREATE SCHEMA private');
  inspector = new DatabaseInspector(pool, { migrations }, [counted, neverBuilt]);
});
afterAll(async () => {
  await pool.end();
  await log.stop();
  await database.drop();
});

it('reads where each read model is and in which log, and passes over one that was never built', async () => {
  const progress = new Progress(log.store.nc);
  const projector = new Projector(counted, log.store, pool, () => undefined);
  projector.start();
  await readable(progress, [counted]);
  await projector.stop();
  progress.stop();
  const { incarnation } = log.store.identity;
  expect(await inspector.checkpoints()).toEqual([{ name: 'thing_counted', kind: 'projection', stream: 'facts', position: 0, incarnation }]);
});

it('names migrations that are missing, and those of a newer release', async () => {
  expect(await inspector.migrations()).toEqual({ pending: ['Old1', 'New2'], unknown: [] });
  await pool.query(`CREATE TABLE private.migration (name text); INSERT INTO private.migration VALUES ('Old1'), ('Newer3')`);
  expect(await inspector.migrations()).toEqual({ pending: ['New2'], unknown: ['Newer3'] });
});

it('tells version, connections and time of the server', async () => {
  const { version, connections, maxConnections } = await inspector.server();
  expect(version).toMatch(/^\d+/);
  expect(connections).toBeGreaterThan(0);
  expect(maxConnections).toBeGreaterThan(connections);
  const { beforeMs, theirMs, afterMs } = await inspector.clock(() => Date.now());
  expect(theirMs).toBeGreaterThanOrEqual(beforeMs - 1); // Its clock is this machine's, cut to milliseconds here.
  expect(theirMs).toBeLessThanOrEqual(afterMs + 1);
});

it('throws when nothing answers', async () => {
  const unreachable = poolOf('postgres://x@127.0.0.1:1/x', { name: 'nowhere', max: 1 });
  const nowhere = new DatabaseInspector(unreachable, { migrations }, [counted]);
  for (const look of [() => nowhere.server(), () => nowhere.migrations(), () => nowhere.checkpoints(), () => nowhere.clock(() => 0)])
    await expect(look()).rejects.toThrow(DatabaseUnavailable);
  await unreachable.end();
});
