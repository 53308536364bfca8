import { Browser, Places } from '@app/event-store';
import { type TestLog, Put, openTestLog, poison } from '@app/event-store/testing';
import { type TestApp, testAppOf } from '@app/http/testing';
import { IsId, Position, projectionOf } from '@app/kernel';
import { JetStreamStrategy, Progress, Projections, Projector, poolOf } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import type pg from 'pg';
import { RebuildProjectionController } from './write/rebuild-projection/rebuild-projection.controller.js';
import { RetryProjectionController } from './write/retry-projection/retry-projection.controller.js';
import { ProjectionListController } from './read/projection-list/projection-list.controller.js';

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
const unkept = { ...seen, table: 'thing_unkept' };

let log: TestLog;
let database: TestDatabase;
let pool: pg.Pool;
let progress: Progress;
let strategy: JetStreamStrategy;
let app: TestApp;
beforeAll(async () => {
  [log, database] = await Promise.all([openTestLog(), testDatabase()]);
  pool = poolOf(database.url, { name: 'test', max: 5 });
  await pool.query('CREATE SCHEMA read');
  progress = new Progress(log.store.nc);
  strategy = new JetStreamStrategy([new Projector(seen, log.store, pool, () => undefined)], log.store.rpc, pool);
  strategy.listen(() => undefined);
  const projections = new Projections([seen, unkept], pool, log.store);
  app = await testAppOf(
    [ProjectionListController, RetryProjectionController, RebuildProjectionController],
    [
      { provide: Projections, useValue: projections },
      { provide: Browser, useValue: log.store.browser },
      { provide: Places, useValue: log.store.gate },
    ],
  );
});
afterAll(async () => {
  await app.close();
  await strategy.close();
  progress.stop();
  await pool.end();
  await log.stop();
  await database.drop();
});

it('lists what each read model is, and parks, retries and rebuilds it', async () => {
  const position = await poison(log.store, 'facts.test.thing.bad');
  expect(await progress.reached('thing_seen', new Position({ facts: position }), 10_000)).toBe(true);
  const place = log.store.gate.token({ facts: position });
  const list = await app.ask('GET', 'projections');
  expect(list.body).toMatchObject({
    data: [
      { name: 'thing_seen', kind: 'projection', stream: 'facts', state: 'running', position: place, parked: 1, lag_events: 0 },
      { name: 'thing_unkept', state: 'not_running', parked: 0 },
    ],
  });
  const parked = await app.ask('GET', 'projections/thing_seen/parked');
  const hash = (await log.store.browser.at('facts', position))?.hash;
  expect(parked.body).toMatchObject({
    data: [{ unit: 'subject', value: 'facts.test.thing.bad', position: place, code: 'decode.missing-headers', voidable: true, hash }],
  });
  expect(await app.ask('POST', 'projections/thing_seen/retry', {})).toMatchObject({ status: 200, body: { released: 0, parked: 1 } });
  const one = { unit: 'subject', value: 'facts.test.thing.bad' };
  expect(await app.ask('POST', 'projections/thing_seen/retry', one)).toMatchObject({ status: 200, body: { released: 0, parked: 1 } });
  expect(await app.ask('POST', 'projections/thing_seen/rebuild')).toMatchObject({ status: 204 });
  for (;;) {
    const { body } = await app.ask('GET', 'projections');
    const [{ rebuilt }] = body.data as [{ rebuilt: object | null }];
    if (rebuilt === null) continue;
    expect(rebuilt).toMatchObject({ rows: 0, differences: 0, parked: 1 });
    break;
  }
});

it('says so when no projector keeps a read model', async () => {
  expect(await app.ask('POST', 'projections/thing_unkept/retry', {})).toMatchObject({
    status: 503,
    body: { code: 'log.projector-not-running' },
  });
});
