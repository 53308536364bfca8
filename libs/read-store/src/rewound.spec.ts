import pg from 'pg';
import { type TestLog, Lifted, Put, type ItemId, add, openTestLog } from '@app/event-store/testing';
import { IsInt } from 'class-validator';
import { IsId, Position, asId, newEvent, projectionOf, rollupOf } from '@app/kernel';
import { PgReadModels, Progress, Projector, poolOf, privateStore, setUpReadStore } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';

class ItemSum {
  @IsId() item_id: string;

  @IsInt() sum: number;
}
const sums = projectionOf(ItemSum)({
  ...{ table: 'thing_sum', version: 1, id: 'item_id', reads: [Put] },
  key: ({ data }) => data.item_id,
  on: { 'test.thing.put': (before, { data }) => ({ item_id: data.item_id, sum: (before?.sum ?? 0) + data.n }) },
});
class Lifts {
  @IsId() item_id: string;

  @IsInt() lifts: number;
}
const lifts = rollupOf(Lifts)({
  ...{ table: 'thing_lifts', version: 1, id: 'item_id', reads: [Lifted] },
  key: ({ data }) => data.item_id,
  on: { 'test.thing.lifted': (before, { data }) => ({ item_id: data.item_id, lifts: (before?.lifts ?? 0) + 1 }) },
});

let log: TestLog;
let database: TestDatabase;
let pool: pg.Pool;
let progress: Progress;
const said: string[] = [];
const running: Projector[] = [];
beforeEach(async () => {
  [log, database] = await Promise.all([openTestLog(), testDatabase()]);
  await setUpReadStore(database.url, privateStore(database.url, []), async () => undefined);
  pool = poolOf(database.url, { name: 'test', max: 10 });
  progress = new Progress(log.store.nc);
  said.length = 0;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  progress.stop();
  await pool.end();
  await log.stop();
  await database.drop();
});

const start = (fold: ConstructorParameters<typeof Projector>[0]): void => {
  const projector = new Projector(fold, log.store, pool, (_level, words) => said.push(words));
  projector.start();
  running.push(projector);
};
const put = async (id: string): Promise<string> => {
  const outcome = await log.store.commands.handle(add, { data: { id, n: 1 }, actor: 'test' });
  if ('refused' in outcome) throw new Error(outcome.refused);
  return outcome.position;
};
const lift = (): Promise<string> => log.store.telemetry.keep(newEvent(Lifted, { item_id: asId<ItemId>('a'), height: 1 }), 'test', 5_000);
const reached = async (table: string, position: string): Promise<void> =>
  expect(await progress.reached(table, Position.parse(position), 10_000)).toBe(true);
const ask = (after?: string) =>
  new PgReadModels(pool, progress, log.store.gate).answer(sums, after === undefined ? {} : { after }, async (db) => (await db.query('SELECT * FROM read.thing_sum', [])).rows); // prettier-ignore
async function until(isSo: () => boolean): Promise<void> {
  for (const end = performance.now() + 10_000; !isSo();) {
    if (performance.now() > end) throw new Error('not within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it('answers from a rewound log with a warning that names both ends', async () => {
  start(sums);
  await reached('thing_sum', await put('a'));
  expect((await ask()).warnings).toEqual([]);
  log.store.gate.note('FACTS', 9);
  log.store.gate.suspect('FACTS');
  await until(() => log.store.gate.troubles().length > 0);
  expect(await ask()).toMatchObject({
    data: [{ item_id: 'a', sum: 1 }],
    warnings: [{ code: 'log.rewound', detail: expect.stringContaining('FACTS ends at 1, and was seen up to 9') }],
  });
});

it('refuses a position of another history, and after an accept one that names none', async () => {
  start(sums);
  const position = await put('a');
  await reached('thing_sum', position);
  const unnamed = position.replace(/~.*/, '');
  expect((await ask(unnamed)).position).toBe(position);
  const other = { problem: { status: 410, code: 'position.other-log' } };
  await expect(ask(`${unnamed}~0000`)).rejects.toMatchObject(other);
  log.marks.put('FACTS', { accepted_at: '2026-02-01T12:00:00.000Z' });
  await until(() => log.store.gate.acceptedAt('FACTS') !== null);
  await expect(ask(unnamed)).rejects.toMatchObject(other);
  expect((await ask(position)).position).toBe(position);
});

it('commits nothing of a stream that is closed, and closes one that ends before its rows', async () => {
  start(sums);
  await reached('thing_sum', await put('a'));
  await running.splice(0)[0]?.stop();
  await pool.query('UPDATE rm_thing_sum_v1.checkpoint SET position = 7');
  expect(log.store.gate.isOpen('FACTS')).toBe(true);
  start(sums);
  await until(() => log.store.gate.troubles().length > 0);
  expect(log.store.gate.troubles()).toMatchObject([{ stream: 'FACTS', code: 'log.rewound', end: 1 }]);
  await expect(put('a')).rejects.toMatchObject({ code: 'log.rewound' });
  expect((await pool.query('SELECT position FROM rm_thing_sum_v1.checkpoint')).rows).toEqual([{ position: 7 }]);
  await until(() => log.marks.record?.streams.FACTS.state === 'rewound');
  expect(log.marks.record?.streams.FACTS.mark.sequence).toBe(7); // Else another process would find nothing wrong.
});

it('goes on with a roll-up where TELEMETRY is, and says what is missing', async () => {
  start(lifts);
  const last = [await lift(), await lift(), await lift()].at(-1) ?? '';
  await reached('thing_lifts', last);
  await running.splice(0)[0]?.stop();
  await pool.query('UPDATE rollup.checkpoint SET position = 8'); // As if five more had been counted that TELEMETRY lost.
  start(lifts);
  await until(() => said.some((words) => words === 'thing_lifts continues after 3; 5 measurements it counted are in TELEMETRY no more'));
  const next = await lift();
  expect(Position.parse(next).of('telemetry')).toBe(4);
  await reached('thing_lifts', next);
  expect((await pool.query('SELECT lifts FROM rollup.thing_lifts')).rows).toEqual([{ lifts: 4 }]);
});

it('closes FACTS for every process where a fact is missing in the middle', async () => {
  await put('a');
  log.store.gate.trip({ stream: 'FACTS', code: 'log.gap', detail: 'FACTS lacks the message 5', end: 4 });
  await expect(put('a')).rejects.toMatchObject({ code: 'log.gap' });
  await until(() => log.marks.record?.streams.FACTS.state === 'rewound');
  expect(log.marks.record?.streams.FACTS.trouble).toMatchObject({ code: 'log.gap' });
});
