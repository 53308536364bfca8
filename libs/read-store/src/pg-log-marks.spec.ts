import pg from 'pg';
import { MarksUnavailable, type LogRecord, type StreamMark } from '@app/event-store';
import { PgLogMarks, poolOf, privateStore, setUpReadStore } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';

let database: TestDatabase;
let pool: pg.Pool;
let marks: PgLogMarks;
beforeAll(async () => {
  database = await testDatabase();
  pool = poolOf(database.url, { name: 'test', max: 4 });
  marks = new PgLogMarks(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const of = <S extends StreamMark['stream']>(stream: S): StreamMark => ({
  ...{
    stream,
    incarnation: 'one',
    begins_after: 0,
    state: 'open',
    trouble: null,
    next_incarnation: null,
    accepted_at: null,
    restored_at: null,
  },
  mark: { sequence: 3, stored_at: '2026-02-01T12:00:00.123456789Z', message: 'an-id' },
});
const record: LogRecord = { instance_id: 'inst-a', streams: { FACTS: of('FACTS'), CALLS: of('CALLS'), TELEMETRY: of('TELEMETRY') } };
const facts = async (): Promise<StreamMark | undefined> => (await marks.read())?.streams.FACTS;
const at = (sequence: number) => ({ sequence, stored_at: null, message: 'another-id' });

it('knows nothing before a set-up made its table, and after', async () => {
  expect(await marks.read()).toBeNull();
  await setUpReadStore(database.url, privateStore(database.url, []), async () => undefined);
  expect(await marks.read()).toBeNull();
  expect(await marks.highestRead('FACTS')).toBe(0);
});

it('keeps the first record, and no other', async () => {
  await marks.create(record);
  await marks.create({ ...record, instance_id: 'inst-b' });
  expect(await marks.read()).toEqual(record);
});

it('moves a mark forward only, and only in its incarnation', async () => {
  await marks.raise('FACTS', 'one', at(5));
  await marks.raise('FACTS', 'one', at(4));
  await marks.raise('FACTS', 'two', at(9));
  expect(await facts()).toMatchObject({ mark: at(5) });
  expect((await marks.read())?.streams.CALLS.mark.sequence).toBe(3);
});

it('leaves a mark alone while the stream is rewound, and lets another process open it', async () => {
  const trouble = { code: 'log.rewound', detail: 'FACTS ends at 2, and was seen up to 5', end: 2 };
  await marks.settle('FACTS', 'one', trouble);
  await marks.raise('FACTS', 'one', at(7));
  expect(await facts()).toMatchObject({ state: 'rewound', trouble, mark: at(5) });
  await marks.settle('FACTS', 'two', null);
  expect((await facts())?.state).toBe('rewound');
  await marks.settle('FACTS', 'one', null);
  expect(await facts()).toMatchObject({ state: 'open', trouble: null });
});

it('keeps when FACTS and CALLS were restored, whatever else is written', async () => {
  const restored_at = '2026-02-01T12:00:00.000Z';
  await marks.restored(restored_at);
  await marks.settle('FACTS', 'one', null);
  const streams = (await marks.read())?.streams;
  expect([streams?.FACTS.restored_at, streams?.CALLS.restored_at, streams?.TELEMETRY.restored_at]).toEqual([
    restored_at,
    restored_at,
    null,
  ]);
});

it('does not open what is being accepted', async () => {
  await pool.query("UPDATE private.log_identity SET state = 'accepting' WHERE stream = 'FACTS'");
  await marks.settle('FACTS', 'one', null);
  expect((await facts())?.state).toBe('accepting');
});

it('begins another incarnation once', async () => {
  await marks.resume('TELEMETRY', 'one', { incarnation: 'two', begins_after: 2 });
  await marks.resume('TELEMETRY', 'one', { incarnation: 'three', begins_after: 1 });
  const mark = { sequence: 2, stored_at: null, message: null };
  expect((await marks.read())?.streams.TELEMETRY).toMatchObject({ incarnation: 'two', begins_after: 2, mark });
});

it('finds the furthest of all readers of a stream', async () => {
  for (const [schema, stream, position] of [
    ['rm_one_v1', 'facts', 7],
    ['rm_one_v2', 'facts', 9],
    ['rm_calls_v1', 'calls', 11],
    ['rollup', 'telemetry', 4],
  ] as const) {
    await pool.query(`CREATE SCHEMA IF NOT EXISTS ${schema}; CREATE TABLE ${schema}.checkpoint (stream text, position bigint)`);
    await pool.query(`INSERT INTO ${schema}.checkpoint VALUES ($1, $2)`, [stream, position]);
  }
  expect(await Promise.all((['FACTS', 'CALLS', 'TELEMETRY'] as const).map((stream) => marks.highestRead(stream)))).toEqual([9, 11, 4]);
});

it('says that PostgreSQL does not answer', async () => {
  const gone = poolOf('postgres://nobody:x@127.0.0.1:1/none', { name: 'gone', max: 1 });
  await expect(new PgLogMarks(gone).read()).rejects.toThrow(MarksUnavailable);
  await gone.end();
});
