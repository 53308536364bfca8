import { randomUUID } from 'node:crypto';
import { IsInt, IsString } from 'class-validator';
import type pg from 'pg';
import { type TestLog, openTestLog } from '@app/event-store/testing';
import { DomainEvent, IsId, Position, newEvent, projectionOf } from '@app/kernel';
import { PgReadModels, Progress, Projector, poolOf, projectionLag } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';

/** Somebody rang. */
@DomainEvent
class CallPlaced {
  static readonly kind = 'call';
  static readonly type = 'test.call.placed';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: CallPlaced = { line: 'a', seconds: 1, words: 'hello' };
  static readonly streamId = (data: CallPlaced): string => data.line;

  @IsId() readonly line: string;

  @IsInt() readonly seconds: number;

  @IsString() readonly words: string;
}

class Line {
  @IsId() line: string;
  @IsInt() calls: number;
  @IsInt() seconds: number;
  @IsString() last_words: string;
}
const lines = projectionOf(Line)({
  table: 'call_line',
  version: 1,
  id: 'line',
  indexes: [['seconds', 'line']],
  reads: [CallPlaced],
  key: (event) => event.data.line,
  on: {
    'test.call.placed': (before, { data }) => ({
      line: data.line,
      calls: (before?.calls ?? 0) + 1,
      seconds: (before?.seconds ?? 0) + data.seconds,
      last_words: data.words,
    }),
  },
});

let log: TestLog;
let database: TestDatabase;
let pool: pg.Pool;
let progress: Progress;
const running: Projector[] = [];
let last = 'c0';

beforeEach(async () => {
  [log, database] = await Promise.all([openTestLog([CallPlaced]), testDatabase()]);
  pool = poolOf(database.url, { name: 'test', max: 5 });
  await pool.query('CREATE SCHEMA read');
  progress = new Progress(log.store.nc);
});
afterEach(async () => {
  await stop();
  progress.stop();
  await pool.end();
  await log.stop();
  await database.drop();
});

const start = (): void => {
  const projector = new Projector(lines, log.store, pool, () => undefined);
  projector.start();
  running.push(projector);
};
const stop = async (): Promise<void> => void (await Promise.all(running.splice(0).map((projector) => projector.stop())));
const ring = async (line: string, seconds: number, words = '', id: string = randomUUID()): Promise<void> => {
  last = await log.store.calls.record(newEvent(CallPlaced, { line, seconds, words }), { actor: 'test', id, timeoutMs: 5_000 });
};
const caughtUp = async (): Promise<void> => expect(await progress.reached('call_line', Position.parse(last), 10_000)).toBe(true);
const rows = async (): Promise<unknown[]> => (await pool.query('SELECT * FROM read.call_line ORDER BY line')).rows;

it('folds calls, each once however often it was recorded', async () => {
  await ring('a', 3);
  start();
  const id = randomUUID();
  await ring('a', 4, 'again', id);
  await ring('a', 4, 'again', id);
  await ring('b', 5);
  await caughtUp();
  expect(await rows()).toEqual([
    { line: 'a', calls: 2, seconds: 7, last_words: 'again' },
    { line: 'b', calls: 1, seconds: 5, last_words: '' },
  ]);
});

it('builds the same rows again when their schema is dropped', async () => {
  for (let n = 0; n < 50; n++) await ring(`line-${n % 7}`, n, `words ${n}`);
  start();
  await caughtUp();
  const before = JSON.stringify(await rows());
  await stop();
  await pool.query('DROP SCHEMA rm_call_line_v1 CASCADE');
  progress.stop();
  progress = new Progress(log.store.nc);
  start();
  await caughtUp();
  expect(JSON.stringify(await rows())).toBe(before);
});

it('answers after a position of the calls, and with one', async () => {
  start();
  await ring('a', 3);
  const reads = new PgReadModels(pool, progress, log.store.gate);
  const answer = await reads.answer(lines, { after: last }, async (db) => (await db.query('SELECT * FROM read.call_line', [])).rows);
  expect(answer).toMatchObject({ data: [{ line: 'a', calls: 1 }], position: log.store.gate.token({ calls: 1 }) });
});

it('measures how far behind a model of calls is', async () => {
  await ring('a', 1);
  await ring('a', 1);
  const measure = projectionLag(pool, log.store, [lines]);
  expect(await measure()).toMatchObject([{ projection: 'call_line', lag_events: 2 }]);
  start();
  await caughtUp();
  expect(await measure()).toMatchObject([{ projection: 'call_line', lag_events: 0, lag_seconds: 0 }]);
});

describe('when the stream has forgotten its oldest', () => {
  /** The stream as thirteen months leave it: its first are gone, and it counts on from where it was. */
  const forgetBelow = async (position: number): Promise<void> => {
    const admin = await log.store.nc.request('$JS.API.STREAM.INFO.CALLS');
    const { config } = admin.json<{ config: Record<string, unknown> }>();
    await log.store.nc.request('$JS.API.STREAM.DELETE.CALLS');
    const { name, subjects, storage } = config;
    await log.store.nc.request('$JS.API.STREAM.CREATE.CALLS', JSON.stringify({ name, subjects, storage, first_seq: position }));
  };

  it('goes on with what there is: a gap there is no loss', async () => {
    await ring('a', 1);
    start();
    await caughtUp();
    await stop();
    await forgetBelow(10);
    await ring('a', 2);
    expect(last).toBe(log.store.gate.token({ calls: 10 }));
    start();
    await caughtUp();
    expect(await rows()).toMatchObject([{ line: 'a', calls: 2 }]);
  });

  it('can be read when nothing is left', async () => {
    await forgetBelow(10);
    start();
    last = 'c0';
    await caughtUp();
    expect(await rows()).toEqual([]);
  });
});

it('finds rows by the columns it names an index for', async () => {
  await ring('a', 1);
  start();
  await caughtUp();
  const { rows: indexes } = await pool.query("SELECT indexdef FROM pg_indexes WHERE schemaname = 'rm_call_line_v1' ORDER BY indexname");
  expect(indexes.map(({ indexdef }: { indexdef: string }) => indexdef)).toContainEqual(expect.stringMatching(/\(seconds, line\)$/));
});

it('no model reads two streams', () => {
  const both = { ...lines, reads: [CallPlaced, { ...CallPlaced, kind: 'fact' as const }] };
  expect(() => new Projector(both as never, log.store, pool, () => undefined)).toThrow('call_line cannot read calls and facts');
});
