import { randomUUID } from 'node:crypto';
import { IsInt, IsString } from 'class-validator';
import pg from 'pg';
import { LogUnavailable, OutcomeUnknown } from '@app/event-store';
import {
  Lifted,
  Put,
  Taken,
  type TestLog,
  type ItemId,
  add,
  headersLike,
  openTestLog,
  poison,
  put,
  take,
  takeAsBefore,
} from '@app/event-store/testing';
import { type AnyFold, type Instant, IsId, IsInstant, Position, asId, existing, newEvent, projectionOf, rollupOf } from '@app/kernel';
import { type Announcement, PgReadModels, Progress, Projector, hearAnnouncements, poolOf, projectionLag, readName } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import { hearKept } from './announce.js';

class Sum {
  @IsId() item_id: string;
  @IsInt() sum: number;
  @IsInt() puts: number;
  @IsString() note: string;
}
const sums = projectionOf(Sum)({
  table: 'thing_sum',
  version: 1,
  id: 'item_id',
  reads: [Put],
  key: (event) => event.data.item_id,
  on: {
    'test.thing.put': (before, { data }) =>
      data.note === 'remove'
        ? null
        : { item_id: data.item_id, sum: (before?.sum ?? 0) + data.n, puts: (before?.puts ?? 0) + 1, note: data.note },
  },
});

/** Reads a fact of which the log holds two versions. */
const remains = projectionOf(Sum)({
  table: 'thing_remains',
  version: 1,
  id: 'item_id',
  reads: [Put, Taken],
  key: (event) => event.data.item_id,
  on: {
    'test.thing.put': (before, { data }) => ({
      item_id: data.item_id,
      sum: (before?.sum ?? 0) + data.n,
      puts: 1 + (before?.puts ?? 0),
      note: '',
    }),
    'test.thing.taken': (before, event) => {
      const row = existing(before, event);
      return { ...row, sum: row.sum - event.data.n, note: `${row.note}${event.data.by ?? 'nobody'} ` };
    },
  },
});

class Height {
  @IsId() item_id: string;
  @IsInt() lifts: number;
}
const heights = rollupOf(Height)({
  table: 'thing_height',
  version: 1,
  id: 'item_id',
  reads: [Lifted],
  key: (event) => event.data.item_id,
  on: { 'test.thing.lifted': (before, { data }) => ({ item_id: data.item_id, lifts: (before?.lifts ?? 0) + 1 }) },
});

class Day {
  @IsId() item_id: string;
  @IsInstant() seen_at: Instant;
}
const days = rollupOf(Day)({
  table: 'thing_day',
  version: 1,
  id: 'item_id',
  keep: { by: 'seen_at', forMs: 86_400_000 },
  reads: [Lifted],
  key: (event) => event.data.item_id,
  on: {
    'test.thing.lifted': (_before, { data, at }) => ({
      item_id: data.item_id,
      seen_at: data.height > 1 ? at : '2026-02-01T12:00:00.000Z',
    }),
  },
});

let log: TestLog;
let database: TestDatabase;
let pool: pg.Pool;
let elsewhere: pg.Pool | undefined;
let progress: Progress;
let said: string[] = [];
const running: Projector[] = [];

const start = (fold: AnyFold, from = pool): Projector => {
  const projector = new Projector(fold, log.store, from, (_level, words) => said.push(words));
  projector.start();
  running.push(projector);
  return projector;
};
/** As in another process. */
const startElsewhere = (fold: AnyFold): Projector => start(fold, (elsewhere = poolOf(database.url, { name: 'elsewhere', max: 2 })));
const rowsOf = async (fold: AnyFold): Promise<unknown[]> => (await pool.query(`SELECT * FROM ${readName(fold)} ORDER BY 1`)).rows;
/** Sends the same command until it is answered, as any client would. */
const append = async (id: string, n: number, note = ''): Promise<void> => {
  const commandId = randomUUID();
  const rule = { on: add.on, decide: () => [put(id, n, note)] };
  for (;;) {
    try {
      last = ((await log.store.commands.handle(rule, { data: { id, n }, actor: 'test', commandId })) as { position: string }).position;
      return;
    } catch (error) {
      if (!(error instanceof LogUnavailable || error instanceof OutcomeUnknown)) throw error;
    }
  }
};
let last = 'f0';
const caughtUp = async (table: string): Promise<void> => {
  expect(await progress.reached(table, Position.parse(last), 10_000)).toBe(true);
};
/** Until the projector says something that fits. */
const hear = (fits: (announcement: Announcement) => boolean): Promise<void> =>
  new Promise((resolve) => {
    const subscription = hearAnnouncements(log.store.nc, (announcement) => {
      if (!fits(announcement)) return;
      subscription.unsubscribe();
      resolve();
    });
  });
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

beforeEach(async () => {
  [log, database] = await Promise.all([openTestLog(), testDatabase()]);
  pool = poolOf(database.url, { name: 'test', max: 5 });
  await pool.query('CREATE SCHEMA read');
  progress = new Progress(log.store.nc);
  said = [];
  last = 'f0';
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((projector) => projector.stop()));
  progress.stop();
  await elsewhere?.end();
  elsewhere = undefined;
  await pool.end();
  await log.stop();
  await database.drop();
});

it('folds what happened before it started and what happens then', async () => {
  await append('a', 1);
  await append('b', 2, 'b');
  start(sums);
  await append('a', 3, 'second');
  await append('c', 1);
  await append('c', 1, 'remove');
  await caughtUp('thing_sum');
  expect(await rowsOf(sums)).toEqual([
    { item_id: 'a', sum: 4, puts: 2, note: 'second' },
    { item_id: 'b', sum: 2, puts: 1, note: 'b' },
  ]);
});

it('folds facts of two versions of one type, those that were there and those that come', async () => {
  const taken = { data: { id: 'a', n: 1 }, actor: 'test' };
  const takenBy = async (rule: typeof take): Promise<void> => {
    const { position } = (await log.store.commands.handle(rule, taken)) as { position: string };
    last = position;
  };
  await append('a', 9);
  await takenBy(takeAsBefore);
  await takenBy(take);
  start(remains);
  await caughtUp('thing_remains');
  await takenBy(takeAsBefore);
  await takenBy(take);
  await caughtUp('thing_remains');
  expect(await rowsOf(remains)).toEqual([{ item_id: 'a', sum: 5, puts: 1, note: 'nobody ada nobody ada ' }]);
});

it('says which rows changed, after they are there', async () => {
  start(sums);
  await append('a', 1);
  await caughtUp('thing_sum');
  const heard = hear(({ table, keys }) => table === 'thing_sum' && keys?.length !== 0);
  await append('b', 1);
  await heard;
  expect(await rowsOf(sums)).toHaveLength(2);
});

it('hears no nonsense: whoever may read the log can have its messages delivered where announcements are', async () => {
  start(sums);
  await append('a', 1);
  await caughtUp('thing_sum');
  const sound = { table: 'thing_sum', stream: 'facts', position: 1e12, pending: 0, lag_ms: 0, keys: [] };
  const nonsense = [
    '',
    '{',
    'null',
    '[]',
    JSON.stringify({ ...sound, position: '9' }),
    JSON.stringify({ ...sound, table: 'other' }),
    JSON.stringify({ ...sound, keys: [1] }),
  ];
  for (const text of nonsense) log.store.nc.publish('announce.read.thing_sum', text);
  await log.store.nc.flush();
  await append('a', 1);
  await caughtUp('thing_sum');
  expect(progress.position('thing_sum')?.format()).toBe(last);
});

it('builds the same rows again from nothing', async () => {
  for (let n = 0; n < 20; n++) await append(`t${n % 7}`, n, `note ${n}`);
  const first = start(sums);
  await caughtUp('thing_sum');
  const rows = await rowsOf(sums);
  await first.stop();
  await pool.query('DROP SCHEMA rm_thing_sum_v1 CASCADE');
  const rebuilt = hear(({ table, position }) => table === 'thing_sum' && log.store.gate.token({ facts: position }) === last);
  start(sums);
  await rebuilt;
  expect(JSON.stringify(await rowsOf(sums))).toBe(JSON.stringify(rows));
});

it('counts each fact once though connections are cut and the log is killed under it', async () => {
  start(sums);
  let written = 0;
  let over = false;
  const writes = (async () => {
    while (!over) await append(`t${written++ % 3}`, 1);
  })();
  const cutter = new pg.Client({ connectionString: database.superuserUrl });
  await cutter.connect();
  for (let cut = 0; cut < 4; cut++) {
    await hear(({ table, keys }) => table === 'thing_sum' && keys?.length !== 0);
    await cutter.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test' AND query LIKE '%moved%'");
  }
  await log.nats.kill();
  await log.nats.restart();
  await hear(({ table, keys }) => table === 'thing_sum' && keys?.length !== 0);
  over = true;
  await writes;
  await cutter.end();
  await caughtUp('thing_sum');
  const each = [0, 1, 2].map((t) => Math.ceil((written - t) / 3));
  expect(await rowsOf(sums)).toEqual(each.map((puts, t) => ({ item_id: `t${t}`, sum: puts, puts, note: '' })));
}, 60_000);

it('lets one of two write: who was taken over stands by, and counts nothing twice', async () => {
  const old = start(sums);
  await append('a', 1);
  await caughtUp('thing_sum');
  const young = start(sums);
  await until(() => young.report().state === 'running');
  for (let n = 0; n < 20; n++) await append('a', 1);
  await until(() => old.report().state === 'standby');
  await caughtUp('thing_sum');
  expect(await rowsOf(sums)).toEqual([{ item_id: 'a', sum: 21, puts: 21, note: '' }]);
});

it('waits at an event of a newer release, says which it needs, and skips nothing', async () => {
  start(sums);
  await append('a', 1);
  await caughtUp('thing_sum');
  await poison(log.store, 'facts.test.thing.a', '{}', headersLike('test.thing.dropped', 1, { 'cb-release': '9.1.0' }));
  await until(() => running[0]?.report().state === 'waiting');
  expect(running[0]?.report()).toMatchObject({ position: 1, needs_release: '9.1.0', parked: 0 });
  expect(said.join()).toContain('test.thing.dropped at 2 needs release 9.1.0');
  const measure = projectionLag(pool, log.store, [sums]);
  await measure();
  const [lag] = await measure();
  expect(lag).toMatchObject({ projection: 'thing_sum', lag_events: 1 });
  expect(lag?.stalled_seconds).toBeGreaterThan(0);
});

it('rolls telemetry up, and keeps it when read models are dropped', async () => {
  start(heights);
  const heard = hear(({ table, position }) => table === 'thing_height' && position === 3);
  for (let n = 0; n < 3; n++) await log.store.telemetry.keep(newEvent(Lifted, { item_id: asId<ItemId>('a'), height: n }), 'test', 5_000);
  await heard;
  expect(await rowsOf(heights)).toEqual([{ item_id: 'a', lifts: 3 }]);
});

it('forgets the rows of a roll-up that are older than it keeps them', async () => {
  const first = start(days);
  const heard = hear(({ table, position }) => table === 'thing_day' && position === 2);
  for (const [id, height] of [
    ['old', 1],
    ['new', 2],
  ] as const)
    await log.store.telemetry.keep(newEvent(Lifted, { item_id: asId<ItemId>(id), height }), 'test', 5_000);
  await heard;
  expect(await rowsOf(days)).toHaveLength(2);
  await first.stop();
  const second = start(days);
  await until(() => second.report().state === 'running');
  await second.stop();
  expect(await rowsOf(days)).toMatchObject([{ item_id: 'new' }]);
});

describe('what is too old to be kept', () => {
  const OLD_ROWS = 12_000;
  /** The table, with many old rows in it. `onDelete`: what a trigger does after each DELETE, with the rows that are gone in `gone`. */
  const withOldRows = async (onDelete: string): Promise<void> => {
    const first = start(days);
    await until(() => first.report().state === 'running');
    await first.stop();
    await pool.query(`
      INSERT INTO rollup.thing_day SELECT 'old-' || n, '2026-02-01T12:00:00.000Z' FROM generate_series(1, ${OLD_ROWS}) n;
      CREATE TABLE public.portion (gone_rows int);
      CREATE FUNCTION public.on_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${onDelete}; RETURN NULL; END $$;
      CREATE TRIGGER on_delete AFTER DELETE ON rollup.thing_day REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION public.on_delete()`);
  };

  it('is found by an index, and removed in portions', async () => {
    await withOldRows('INSERT INTO public.portion SELECT count(*) FROM gone');
    const { rows: indexes } = await pool.query(
      "SELECT indexdef FROM pg_indexes WHERE tablename = 'thing_day' AND indexdef LIKE '%(seen_at)'",
    );
    expect(indexes).toHaveLength(1);
    start(days);
    const portions = async (): Promise<number[]> =>
      (await pool.query<{ gone_rows: number }>('SELECT * FROM public.portion')).rows.map(({ gone_rows }) => gone_rows);
    while ((await rowsOf(days)).length > 0);
    expect((await portions()).reduce((sum, one) => sum + one, 0)).toBe(OLD_ROWS);
    expect(Math.max(...(await portions()))).toBeLessThanOrEqual(5_000);
  });

  it('is told once when it cannot be removed, and the table is kept true all the same', async () => {
    await withOldRows("IF EXISTS (SELECT FROM gone) THEN RAISE 'the disk is full'; END IF");
    const projector = start(days);
    await until(() => said.length > 0);
    expect([said, projector.report().state]).toEqual([['thing_day keeps what is too old: the disk is full'], 'running']);
    const heard = hear(({ table, position }) => table === 'thing_day' && position === 1);
    await log.store.telemetry.keep(newEvent(Lifted, { item_id: asId<ItemId>('new'), height: 2 }), 'test', 5_000);
    await heard;
    expect(said).toHaveLength(1);
  });
});

describe('of two versions', () => {
  const sumsAt = (version: number): typeof sums => ({ ...sums, version });
  const versionRead = async (): Promise<unknown> => (await pool.query('SELECT version FROM read.thing_sum_checkpoint')).rows;

  it('the higher one is read, though a process of the older release starts its projector anew', async () => {
    start(sumsAt(2));
    await append('a', 1);
    await caughtUp('thing_sum');
    const old = startElsewhere(sums);
    await until(() => old.report().state === 'failed');
    expect(said.join()).toContain('thing_sum is read in version 2');
    expect(await versionRead()).toEqual([{ version: 2 }]);
  });

  it('the one that is read is left for a higher one when that is through', async () => {
    start(sums);
    await append('a', 1);
    await caughtUp('thing_sum');
    const young = startElsewhere(sumsAt(2));
    await until(() => young.report().state === 'running' && young.report().position === 1);
    while (JSON.stringify(await versionRead()) !== '[{"version":2}]');
  });

  it('each is heard by those that stand by for it, also while its rows are not to be read', async () => {
    const first = start(sums);
    await append('a', 1);
    await caughtUp('thing_sum');
    await first.stop();
    await append('a', 1);
    const blocker = await pool.connect();
    await blocker.query('BEGIN; LOCK TABLE rm_thing_sum_v1.thing_sum');
    const read: Announcement[] = [];
    const readInProgress = hearAnnouncements(log.store.nc, (announcement) => read.push(announcement));
    const kept = new Promise<void>((resolve) => hearKept(log.store.nc, sums, resolve));
    hearKept(log.store.nc, sumsAt(2), () => said.push('another version was heard'));
    start(sums);
    await kept;
    expect([read, said]).toEqual([[], []]);
    await blocker.query('ROLLBACK');
    blocker.release();
    await caughtUp('thing_sum');
    readInProgress.unsubscribe();
  });
});

describe('a question', () => {
  const reads = (): PgReadModels => new PgReadModels(pool, progress, log.store.gate);
  const ask = (after?: string, to: PgReadModels = reads()) =>
    to.answer(sums, after === undefined ? {} : { after }, async (db) => (await db.query('SELECT * FROM read.thing_sum', [])).rows);

  it('waits for what the asker has seen', async () => {
    start(sums);
    await append('a', 1);
    const answer = await ask(last);
    expect(answer).toMatchObject({ data: [{ item_id: 'a', sum: 1 }], lag_ms: 0, warnings: [] });
    expect(Position.parse(answer.position).atLeast(Position.parse(last))).toBe(true);
  });

  it('is not answered with less: 503, and how far it got', async () => {
    start(sums);
    await append('a', 1);
    await caughtUp('thing_sum');
    await expect(ask('f999')).rejects.toMatchObject({
      problem: { status: 503, code: 'read.behind', facts: { position: log.store.gate.token({ facts: 1 }) } },
    });
  });

  it('about what was never built says so', async () => {
    await expect(ask()).rejects.toMatchObject({ problem: { status: 503, code: 'read.rebuilding' } });
  });

  it('is answered from memory, and says so, while PostgreSQL is away', async () => {
    start(sums);
    await append('a', 1);
    const away = poolOf(database.url, { name: 'away', max: 1 });
    const remembering = new PgReadModels(away, progress, log.store.gate);
    const before = await ask(last, remembering);
    const superuser = new pg.Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    const name = new URL(database.url).pathname.slice(1);
    await superuser.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`).catch(() => undefined);
    await away.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
    const refused = new PgReadModels(poolOf('postgres://nobody:x@127.0.0.1:1/none', { name: 'gone', max: 1 }), progress, log.store.gate);
    await expect(ask(undefined, refused)).rejects.toMatchObject({ problem: { code: 'read.unavailable' } });
    await superuser.end();
    await away.end();
    const after = await ask(undefined, remembering);
    expect(after).toMatchObject({ data: before.data, as_of: before.as_of, lag_ms: null, warnings: [{ code: 'read.snapshot' }] });
  });
});
