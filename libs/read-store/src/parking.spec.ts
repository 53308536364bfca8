import { randomUUID } from 'node:crypto';
import { IsInt, IsString } from 'class-validator';
import type pg from 'pg';
import { Lifted, Put, type TestLog, type ItemId, add, headersLike, openTestLog, poison, put, voidMessage } from '@app/event-store/testing';
import { type AnyFold, IsId, Position, RELEASE, asId, newEvent, projectionOf, rollupOf } from '@app/kernel';
import { Progress, Projector, poolOf } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';

class Sum {
  @IsId() item_id: string;
  @IsInt() sum: number;
  @IsString() note: string;
}
/** What the fold does with a note. A test changes it to play a corrected release. */
let throwsAt: (note: string) => boolean = (note) => note === 'throws';
const sums = projectionOf(Sum)({
  table: 'thing_sum',
  version: 1,
  id: 'item_id',
  indexes: [['note']],
  reads: [Put],
  key: (event) => event.data.item_id,
  on: {
    'test.thing.put': (before, { data }) => {
      if (throwsAt(data.note)) throw new Error('cannot add');
      if (data.note === 'remove') return null;
      const note = data.note === 'nul' ? 'a\0b' : data.note;
      return { item_id: data.item_id, sum: (before?.sum ?? 0) + data.n, note };
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
  on: {
    'test.thing.lifted': (before, { data }) => {
      if (data.height === 13) throw new Error('cannot count');
      return { item_id: data.item_id, lifts: (before?.lifts ?? 0) + 1 };
    },
  },
});

let log: TestLog;
let database: TestDatabase;
let pool: pg.Pool;
let progress: Progress;
let said: string[] = [];
const running: Projector[] = [];
beforeEach(async () => {
  [log, database] = await Promise.all([openTestLog(), testDatabase()]);
  pool = poolOf(database.url, { name: 'test', max: 5 });
  await pool.query('CREATE SCHEMA read');
  progress = new Progress(log.store.nc);
  throwsAt = (note) => note === 'throws';
  said = [];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((projector) => projector.stop()));
  progress.stop();
  await pool.end();
  await log.stop();
  await database.drop();
});

const start = (fold: AnyFold = sums): Projector => {
  const projector = new Projector(fold, log.store, pool, (_level, words) => said.push(words));
  projector.start();
  running.push(projector);
  return projector;
};
let last = 0;
const append = async (id: string, n = 1, note = ''): Promise<number> => {
  const rule = { on: add.on, decide: () => [put(id, n, note)], passesUnreadable: true as const };
  const outcome = await log.store.commands.handle(rule, { data: { id, n }, actor: 'test', commandId: randomUUID() });
  return (last = Position.parse((outcome as { position: string }).position).of('facts') ?? 0);
};
const reached = async (position = last, table = 'thing_sum', stream: 'facts' | 'telemetry' = 'facts'): Promise<void> => {
  expect(await progress.reached(table, new Position({ [stream]: position }), 20_000)).toBe(true);
};
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
};
const rows = async (): Promise<Record<string, number>> => {
  const { rows: read } = await pool.query<Sum>('SELECT * FROM read.thing_sum ORDER BY item_id');
  return Object.fromEntries(read.map(({ item_id, sum }) => [item_id, sum]));
};
const parked = async (from = 'read.thing_sum_parked'): Promise<unknown[]> =>
  (await pool.query(`SELECT unit, value, position, code FROM ${from} ORDER BY value`)).rows;

describe('a row', () => {
  it.each([
    ['its fold throws', 'throws', 'fold.threw'],
    ['PostgreSQL refuses its value', 'nul', 'database.22021'],
    ['its value is larger than an index takes', Array.from({ length: 300 }, () => randomUUID()).join(''), 'database.54000'],
  ])('stands still when %s, and all others go on', async (_why, note, code) => {
    start();
    await append('bad', 1);
    await append('good', 1);
    const position = await append('bad', 10, note);
    await append('bad', 100, note);
    await append('good', 10);
    await append('new', 5);
    await reached();
    expect(await rows()).toEqual({ bad: 1, good: 11, new: 5 });
    expect(await parked()).toEqual([{ unit: 'row', value: 'bad', position, code }]);
    expect(running[0]?.report()).toMatchObject({ state: 'running', parked: 1, position: last });
  });

  it('stands still at the first of several bad events of one batch, and so does each other bad one', async () => {
    await append('a', 1);
    const first = await append('b', 1, 'nul');
    await append('c', 1);
    const second = await append('d', 1, 'throws');
    await append('b', 1, 'throws');
    const third = await append('e', 1, 'nul');
    start();
    await reached();
    expect(await rows()).toEqual({ a: 1, c: 1 });
    expect(await parked()).toEqual([
      { unit: 'row', value: 'b', position: first, code: 'database.22021' },
      { unit: 'row', value: 'd', position: second, code: 'fold.threw' },
      { unit: 'row', value: 'e', position: third, code: 'database.22021' },
    ]);
  });

  it('is still parked after a restart, and after a restart of a later event', async () => {
    const projector = start();
    await append('bad', 1, 'throws');
    await reached();
    await projector.stop();
    throwsAt = () => false;
    await append('bad', 10);
    start();
    await reached();
    expect(await rows()).toEqual({});
    expect(await parked()).toHaveLength(1);
  });

  it('is folded again from all its events by a retry, which writes nothing while the cause is there', async () => {
    const projector = start();
    await append('bad', 1);
    await append('bad', 10, 'throws');
    await append('bad', 100);
    await append('good', 1);
    await reached();
    expect(await projector.retry()).toMatchObject({ released: 0, parked: 1 });
    expect([await rows(), (await parked()).length]).toEqual([{ bad: 1, good: 1 }, 1]);
    throwsAt = () => false;
    expect(await projector.retry([{ unit: 'row', value: 'bad' }])).toMatchObject({ released: 1, parked: 0, changed: ['bad'] });
    await append('bad', 1_000);
    await reached();
    expect([await rows(), await parked()]).toEqual([{ bad: 1_111, good: 1 }, []]);
  });

  it('is tried again once by each new release', async () => {
    const projector = start();
    await append('bad', 1, 'throws');
    await reached();
    await projector.stop();
    throwsAt = () => false;
    await pool.query("UPDATE rm_thing_sum_v1.parked SET release = '0.0.1'");
    start();
    await until(async () => (await parked()).length === 0);
    expect(await rows()).toEqual({ bad: 1 });
  });
});

describe('a subject', () => {
  it.each([
    ['has no headers', '{"item_id":"bad","n":1,"note":""}', {}, 'decode.missing-headers'],
    ['is not JSON', '{"item_id":', headersLike('test.thing.put'), 'decode.malformed-json'],
    ['is of a type that nobody knows', '{}', headersLike('test.thing.dropped'), 'decode.unknown-type'],
    ['is of a version that nobody knows', '{}', headersLike('test.thing.put', 9), 'decode.unknown-version'],
    ['is about another thing', '{"item_id":"other","n":1,"note":""}', headersLike('test.thing.put'), 'decode.wrong-subject'],
  ])('stands still when a message on it %s, and all others go on', async (_why, body, head, code) => {
    start();
    await append('bad', 1);
    const position = await poison(log.store, 'facts.test.thing.bad', body, head);
    await append('bad', 10);
    await append('good', 1);
    await reached();
    expect(await rows()).toEqual({ bad: 1, good: 1 });
    expect(await parked()).toEqual([{ unit: 'subject', value: 'facts.test.thing.bad', position, code }]);
  });

  it('goes on by itself when the message is voided', async () => {
    start();
    await append('bad', 1);
    const position = await poison(log.store, 'facts.test.thing.bad');
    await append('bad', 10);
    await reached();
    await voidMessage(log.store, position);
    await until(async () => (await parked()).length === 0);
    expect(await rows()).toEqual({ bad: 11 });
  });

  it('is not disturbed by a void of another hash', async () => {
    start();
    const position = await poison(log.store, 'facts.test.thing.bad');
    await voidMessage(log.store, position, { hash: 'f'.repeat(64) });
    await append('bad', 10);
    await reached();
    expect([await rows(), (await parked()).length]).toEqual([{}, 1]);
  });

  it('of no aggregate that the projection reads concerns it not', async () => {
    start();
    await poison(log.store, 'facts.test.other.bad');
    await poison(log.store, 'facts.unheard-of');
    await append('good', 1);
    await reached();
    expect([await rows(), await parked()]).toEqual([{ good: 1 }, []]);
  });
});

describe('too many rows', () => {
  it('stop the projection after 50 of them, and a corrected release goes on without loss', async () => {
    const projector = start();
    await append('good', 1);
    await reached();
    throwsAt = () => true;
    for (let n = 0; n < 60; n++) await append(`t${n}`, 1);
    await until(() => projector.report().state === 'halted');
    expect(projector.report()).toMatchObject({ parked: 50, position: 51 });
    await projector.stop();
    throwsAt = () => false;
    const corrected = start();
    await until(() => corrected.report().position === 61);
    await corrected.retry();
    expect(Object.keys(await rows())).toHaveLength(61);
    expect(await parked()).toEqual([]);
  });

  it('stop it no more after a retry that succeeds', async () => {
    throwsAt = (note) => note === 'live';
    const projector = start();
    await append('good', 1);
    await reached();
    for (let n = 0; n < 52; n++) await append(`t${n}`, 1, 'live');
    await until(() => projector.report().state === 'halted');
    throwsAt = () => false;
    await projector.retry();
    await reached();
    expect(Object.keys(await rows())).toHaveLength(53);
  });

  it('that are met again in a build from the first event do not count', async () => {
    for (let n = 0; n < 60; n++) await append(`t${n}`, 1, 'throws');
    await append('good', 1);
    start();
    await reached();
    expect([await rows(), (await parked()).length]).toEqual([{ good: 1 }, 60]);
  });
});

it('leaves out of a roll-up what cannot be counted, and counts that', async () => {
  start(heights);
  let end = 0;
  for (const height of [1, 13, 2, 13, 3])
    end =
      Position.parse(await log.store.telemetry.keep(newEvent(Lifted, { item_id: asId<ItemId>('a'), height }), 'test', 5_000)).of(
        'telemetry',
      ) ?? 0;
  await reached(end, 'thing_height', 'telemetry');
  expect((await pool.query('SELECT * FROM rollup.thing_height')).rows).toEqual([{ item_id: 'a', lifts: 3 }]);
  const { rows: left } = await pool.query('SELECT fold, unit, value, code, skipped, release FROM rollup.parked');
  expect(left).toEqual([{ fold: 'thing_height', unit: 'row', value: 'a', code: 'fold.threw', skipped: 2, release: RELEASE }]);
  await expect(running[0]?.retry()).rejects.toMatchObject({ code: 'read-store.roll-up' });
});

it('goes on rolling up though one thing cannot be counted again and again', async () => {
  start(heights);
  const keep = async (id: string, height: number): Promise<number> => {
    const kept = await log.store.telemetry.keep(newEvent(Lifted, { item_id: asId<ItemId>(id), height }), 'test', 5_000);
    return Position.parse(kept).of('telemetry') ?? 0;
  };
  let end = 0;
  for (let n = 0; n < 60; n++) {
    end = await keep('bad', 13);
    await reached(end, 'thing_height', 'telemetry'); // A batch each.
  }
  await reached(await keep('good', 1), 'thing_height', 'telemetry');
  expect(running[0]?.report()).toMatchObject({ state: 'running', parked: 1 });
  expect((await pool.query('SELECT skipped FROM rollup.parked')).rows).toEqual([{ skipped: 60 }]);
});

it('follows ten thousand rows of which one is poisoned as if nothing were', async () => {
  const first = start();
  await append('t0', 1, 'throws');
  await reached();
  const publishing: Promise<number>[] = [];
  for (let n = 1; n < 10_000; n++)
    publishing.push(poison(log.store, `facts.test.thing.t${n}`, `{"item_id":"t${n}","n":${n},"note":""}`, headersLike('test.thing.put')));
  const ends = await Promise.all(publishing);
  await reached(Math.max(...ends));
  expect(await pool.query('SELECT count(*) AS rows, sum(sum) AS total FROM read.thing_sum')).toMatchObject({
    rows: [{ rows: 9_999, total: String((9_999 * 10_000) / 2) }],
  });
  expect(first.report()).toMatchObject({ parked: 1, state: 'running', position: 10_000 });
}, 60_000);

describe('a rebuild', () => {
  it('takes the place of what was read, and no question fails meanwhile', async () => {
    const projector = start();
    for (let n = 0; n < 200; n++) await append(`t${n % 20}`, 1);
    await reached();
    await pool.query("UPDATE rm_thing_sum_v1.thing_sum SET sum = 999 WHERE item_id = 't3'");
    const failed: unknown[] = [];
    let isOver = false;
    const asking = (async () => {
      while (!isOver) await rows().catch((error: unknown) => failed.push(error));
    })();
    await projector.startRebuild();
    const writing = (async () => {
      for (let n = 0; n < 50; n++) await append(`t${n % 20}`, 1);
    })();
    await until(() => projector.report().rebuilt !== null && projector.report().state === 'running');
    await writing;
    await reached();
    isOver = true;
    await asking;
    expect(failed).toEqual([]);
    expect(projector.report().rebuilt).toMatchObject({ rows: 20, parked: 0 });
    const { t3, ...others } = await rows();
    expect(t3).toBe(13);
    expect(Object.values(others).reduce((sum, one) => sum + one, 0)).toBe(237);
    const { rows: schemas } = await pool.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rm_thing_sum%'");
    expect(schemas).toEqual([{ nspname: 'rm_thing_sum_v1_1' }]);
  });

  it('is gone on with after a restart, and can be done again', async () => {
    const first = start();
    await append('a', 1);
    await reached();
    await first.startRebuild();
    await until(() => first.report().rebuilt !== null && first.report().state === 'running');
    await first.stop();
    const second = start();
    await append('a', 1);
    await reached();
    await second.startRebuild();
    await until(() => second.report().rebuilt !== null && second.report().state === 'running');
    await append('a', 1);
    await reached();
    expect(await rows()).toEqual({ a: 3 });
    const { rows: schemas } = await pool.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rm_thing_sum%'");
    expect(schemas).toEqual([{ nspname: 'rm_thing_sum_v1_2' }]);
  });

  it('of a roll-up is refused', async () => {
    const projector = start(heights);
    await expect(projector.startRebuild()).rejects.toMatchObject({ code: 'read-store.roll-up' });
  });
});
