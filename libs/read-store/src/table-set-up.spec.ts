import { IsInt, IsString } from 'class-validator';
import type pg from 'pg';
import { Lifted, Put, type TestLog, type ItemId, add, openTestLog } from '@app/event-store/testing';
import { type AnyFold, IsId, IsNullable, Position, asId, existing, newEvent, projectionOf, rollupOf } from '@app/kernel';
import { PgReadModels, Progress, Projector, poolOf, readName } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';

class Sum {
  @IsId() item_id: string;
  @IsInt() sum: number;
  @IsNullable() @IsString() note: string | null;
}
const sums = projectionOf(Sum)({
  table: 'thing_sum',
  version: 1,
  id: 'item_id',
  indexes: [['sum', 'note']],
  reads: [Put],
  key: (event) => event.data.item_id,
  on: { 'test.thing.put': (before, { data }) => ({ item_id: data.item_id, sum: (before?.sum ?? 0) + data.n, note: data.note }) },
});

const key = (event: { data: { item_id: ItemId } }): string => event.data.item_id;
class Height {
  @IsId() item_id: string;
  @IsInt() lifts: number;
}
const heights = rollupOf(Height)({
  table: 'thing_height',
  version: 1,
  id: 'item_id',
  indexes: [['lifts']],
  reads: [Lifted],
  key,
  on: { 'test.thing.lifted': (before, { data }) => ({ item_id: data.item_id, lifts: (before?.lifts ?? 0) + 1 }) },
});

class HeightAndTop {
  @IsId() item_id: string;
  @IsInt() top: number;
  @IsNullable() @IsString() place: string | null;
  @IsString() unit: string;
  @IsInt() lifts: number;
}
const migrate = { 2: { adds: { top: 0, place: null, unit: "cm, 'about'" } } };
const heightsAt2 = rollupOf(HeightAndTop)({
  table: 'thing_height',
  version: 2,
  id: 'item_id',
  indexes: [['top', 'lifts'], ['lifts']],
  migrate,
  reads: [Lifted],
  key,
  on: {
    'test.thing.lifted': (before, { data: { item_id, height } }) => ({
      item_id,
      lifts: (before?.lifts ?? 0) + 1,
      top: Math.max(before?.top ?? 0, height),
      place: before?.place ?? null,
      unit: before?.unit ?? 'm',
    }),
  },
});

let log: TestLog;
let database: TestDatabase;
let pool: pg.Pool;
let progress: Progress;
let said: string[];
const running: Projector[] = [];

const start = (fold: AnyFold): Projector => {
  const projector = new Projector(fold, log.store, pool, (level, words) => said.push(`${level} ${words}`));
  projector.start();
  running.push(projector);
  return projector;
};
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  const deadlineMs = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not so within 15 s: ${condition.toString()}; ${said.join('; ')}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};
const isAt = (projector: Projector, state: string) => (): boolean => projector.report().state === state;
/** A table that its projector filled to `position`, and left. */
const filled = async (fold: AnyFold, position: number): Promise<void> => {
  const projector = start(fold);
  await until(() => isAt(projector, 'running')() && projector.report().position === position);
  await projector.stop();
};
const rowsOf = async (fold: AnyFold): Promise<unknown[]> => (await pool.query(`SELECT * FROM ${readName(fold)} ORDER BY item_id`)).rows;
const checkpoint = async (schema: string): Promise<object> =>
  (await pool.query(`SELECT version, position, epoch FROM ${schema}.checkpoint`)).rows[0] as object;
const putOn = async (id: string, n: number): Promise<unknown> => log.store.commands.handle(add, { data: { id, n }, actor: 'test' });
const lift = async (id: string, height: number): Promise<unknown> =>
  log.store.telemetry.keep(newEvent(Lifted, { item_id: asId<ItemId>(id), height }), 'test', 5_000);

beforeEach(async () => {
  [log, database] = await Promise.all([openTestLog(), testDatabase()]);
  pool = poolOf(database.url, { name: 'test', max: 5 });
  await pool.query('CREATE SCHEMA read');
  progress = new Progress(log.store.nc);
  said = [];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((projector) => projector.stop()));
  progress.stop();
  await pool.end();
  await log.stop();
  await database.drop();
});

describe('the table of a projection', () => {
  it.each([
    ['DROP COLUMN sum CASCADE', 'column sum is missing; index thing_sum_1 is missing'],
    ['ADD COLUMN weight bigint', 'column weight is not declared'],
    ['ALTER COLUMN sum TYPE integer', 'column sum is integer not null, not bigint not null'],
    ['ALTER COLUMN sum DROP NOT NULL', 'column sum is bigint, not bigint not null'],
    ['ALTER COLUMN note SET NOT NULL', 'column note is text collate C not null, not text collate C'],
    ['ALTER COLUMN note TYPE text COLLATE "default"', 'column note is text collate default, not text collate C'],
    ['DROP CONSTRAINT thing_sum_pkey, ADD PRIMARY KEY (sum)', 'the primary key is (sum), not (item_id)'],
    ['ADD CONSTRAINT one_note UNIQUE (note)', 'index one_note is not declared'],
  ])('is refused after %s, before anything is claimed or folded', async (change, difference) => {
    await putOn('a', 1);
    await filled(sums, 1);
    await pool.query(`DROP VIEW read.thing_sum; ALTER TABLE rm_thing_sum_v1.thing_sum ${change}`);
    const before = await checkpoint('rm_thing_sum_v1');
    await putOn('a', 1);
    const projector = start(sums);
    await until(isAt(projector, 'refused'));
    const sentence =
      `rm_thing_sum_v1.thing_sum is not what version 1 of this process declares: ${difference}. ` +
      'Raise the version of the projection, or drop the schema rm_thing_sum_v1 and let it be built again.';
    expect(projector.report()).toMatchObject({ code: 'read-store.table-differs', error: sentence });
    expect(said).toEqual([expect.stringMatching(/^error thing_sum .*is not what version 1/)]);
    expect(await checkpoint('rm_thing_sum_v1')).toEqual(before);
  });

  it.each([
    ['CREATE INDEX thing_sum_2 ON rm_thing_sum_v1.thing_sum (note)', 'index thing_sum_2 is not declared'],
    [
      'DROP INDEX rm_thing_sum_v1.thing_sum_1; CREATE INDEX thing_sum_1 ON rm_thing_sum_v1.thing_sum (note, sum)',
      'index thing_sum_1 is on (note, sum), not on (sum, note)',
    ],
    [
      'DROP INDEX rm_thing_sum_v1.thing_sum_1; CREATE INDEX thing_sum_1 ON rm_thing_sum_v1.thing_sum (sum, note) WHERE sum > 1',
      'index thing_sum_1 is on (sum, note, (where (sum > 1))), not on (sum, note)',
    ],
  ])('is refused after %s', async (change, difference) => {
    await filled(sums, 0);
    await pool.query(change);
    const projector = start(sums);
    await until(isAt(projector, 'refused'));
    expect(projector.report().error).toContain(`: ${difference}. Raise`);
  });

  it('gets the index that it lacks: an earlier release did not declare it', async () => {
    await filled(sums, 0);
    await pool.query('DROP INDEX rm_thing_sum_v1.thing_sum_1');
    await filled(sums, 0);
    const { rows } = await pool.query("SELECT indexdef FROM pg_indexes WHERE indexname = 'thing_sum_1'");
    expect(rows).toEqual([{ indexdef: expect.stringContaining('(sum, note)') }]);
  });

  it('is kept when an operator has added an index under another name', async () => {
    await filled(sums, 0);
    await pool.query('CREATE INDEX by_hand ON rm_thing_sum_v1.thing_sum (note)');
    await until(isAt(start(sums), 'running'));
  });

  it('is built again without a restart once its schema is dropped', async () => {
    await putOn('a', 1);
    await filled(sums, 1);
    await pool.query('ALTER TABLE rm_thing_sum_v1.thing_sum ADD COLUMN weight bigint');
    const projector = start(sums);
    await until(isAt(projector, 'refused'));
    await pool.query('DROP SCHEMA rm_thing_sum_v1 CASCADE');
    await putOn('a', 2);
    expect(await progress.reached('thing_sum', new Position({ facts: 2 }), 10_000)).toBe(true); // It is heard once its view is there.
    expect(await rowsOf(sums)).toEqual([{ item_id: 'a', sum: 3, note: '' }]);
    expect(said).toHaveLength(1);
  });

  it('is built again from the first fact when it was dropped alone, beside its checkpoint', async () => {
    await putOn('a', 1);
    await filled(sums, 1);
    await pool.query('DROP TABLE rm_thing_sum_v1.thing_sum CASCADE');
    await putOn('a', 2);
    await filled(sums, 2);
    expect(await rowsOf(sums)).toEqual([{ item_id: 'a', sum: 3, note: '' }]);
  });

  it.each([
    ['a missing column', 'SELECT weight FROM read.thing_sum', /thing_sum does not have the shape .*column "weight" does not exist/],
    ['a column of another type', "SELECT sum || 'x' || lower(sum) FROM read.thing_sum", /function lower\(bigint\) does not exist/],
  ])('has a query for %s answered with a 503', async (_what, text, detail) => {
    await filled(sums, 0);
    const asked = new PgReadModels(pool, progress, log.store.gate).answer(sums, {}, async (db) => (await db.query(text, [])).rows);
    await expect(asked).rejects.toMatchObject({
      problem: { status: 503, code: 'read.table-differs', detail: expect.stringMatching(detail) },
    });
  });
});

describe('the table of a roll-up', () => {
  it('is migrated once to the next version: its rows are kept, and counted on', async () => {
    for (const id of ['a', 'a', 'b']) await lift(id, 7);
    await filled(heights, 3);
    const [one, other] = [start(heightsAt2), start(heightsAt2)];
    await until(async () => JSON.stringify(await checkpoint('rollup')).includes('"version":2'));
    await lift('a', 9);
    await until(() => [one, other].some((projector) => projector.report().position === 4));
    expect(await rowsOf(heightsAt2)).toEqual([
      { item_id: 'a', lifts: 3, top: 9, place: null, unit: "cm, 'about'" },
      { item_id: 'b', lifts: 1, top: 0, place: null, unit: "cm, 'about'" },
    ]);
    expect(said.filter((words) => !words.startsWith('info'))).toEqual([]);
  });

  it('is migrated again where its checkpoint was deleted, and keeps what it had', async () => {
    await lift('a', 7);
    await filled(heights, 1);
    await pool.query('DELETE FROM rollup.checkpoint');
    await filled(heightsAt2, 1);
    await pool.query('DELETE FROM rollup.checkpoint');
    await filled(heightsAt2, 1);
    expect(await rowsOf(heightsAt2)).toMatchObject([{ item_id: 'a', lifts: 3, top: 7, unit: "cm, 'about'" }]);
  });

  it('loses a column that the next version drops', async () => {
    await lift('a', 7);
    await filled(heightsAt2, 1);
    const on = { 'test.thing.lifted': (before: Height | undefined, event: { type: string; position: number }) => existing(before, event) };
    await filled(rollupOf(Height)({ ...heights, version: 3, migrate: { ...migrate, 3: { drops: ['top', 'place', 'unit'] } }, on }), 1);
    expect(await rowsOf(heights)).toEqual([{ item_id: 'a', lifts: 1 }]);
  });

  it('is refused where no migration leads to its version', async () => {
    await lift('a', 7);
    await filled(heights, 1);
    const before = await checkpoint('rollup');
    const projector = start(rollupOf(HeightAndTop)({ ...heightsAt2, version: 3, migrate }));
    await until(isAt(projector, 'refused'));
    expect(projector.report()).toMatchObject({
      code: 'read-store.table-differs',
      error: expect.stringMatching(/^rollup\.thing_height is of version 1, this process has version 3, .* no migration to version 3\. /),
    });
    expect([await checkpoint('rollup'), await rowsOf(heights)]).toEqual([before, [{ item_id: 'a', lifts: 1 }]]);
  });

  it('is refused when it has another shape in the same version', async () => {
    await filled(heights, 0);
    const projector = start({ ...heightsAt2, version: 1 });
    await until(isAt(projector, 'refused'));
    expect(projector.report().error).toMatch(/column top is missing; .*Raise the version of the roll-up and declare its migration/);
  });

  it('is left by a process of the older release, which takes the checkpoint from nobody and says so', async () => {
    await filled(heights, 0);
    const young = start(heightsAt2);
    await until(isAt(young, 'running'));
    const old = start(heights);
    await until(isAt(old, 'refused'));
    expect(old.report().error).toBe(
      'rollup.thing_height is of version 2, which a newer release made, and this process has version 1. Run the release that made it.',
    );
    await lift('a', 9);
    await until(() => young.report().position === 1);
    expect(await rowsOf(heightsAt2)).toMatchObject([{ item_id: 'a', lifts: 1 }]);
  });

  it('ends the writes of an older process that still runs', async () => {
    const old = start(heights);
    await until(isAt(old, 'running'));
    const young = start(heightsAt2);
    await until(isAt(young, 'running'));
    await lift('a', 9);
    await until(isAt(old, 'standby'));
    await until(() => young.report().position === 1);
    expect(await rowsOf(heightsAt2)).toMatchObject([{ item_id: 'a', lifts: 1 }]);
  });
});
