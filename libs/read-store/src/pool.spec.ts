import type pg from 'pg';
import { poolOf } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import { run } from './pool.js';
import { DatabaseUnavailable } from './trouble.js';

let database: TestDatabase;
let pool: pg.Pool;
let watching: pg.Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = poolOf(database.url, { name: 'hasty', max: 1, statementMs: 200 });
  watching = poolOf(database.url, { name: 'watching', max: 1 });
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(async () => {
  await Promise.all([pool.end(), watching.end()]);
  await database.drop();
});

const activeOnes = async (): Promise<number> =>
  (await watching.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'hasty' AND state = 'active'`)).rows.length;

it('has the server cancel what it gives up', async () => {
  await expect(run(pool, { text: 'SELECT pg_sleep(60)' })).rejects.toThrow(DatabaseUnavailable);
  const deadline = Date.now() + 20_000;
  while ((await activeOnes()) > 0) {
    if (Date.now() > deadline) throw new Error('the server goes on');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

it('gives one statement longer than the others, on both sides', async () => {
  await run(pool, { text: 'SELECT pg_sleep(0.5)', query_timeout: 30_000 });
  const { rows } = await run(pool, { text: `SELECT current_setting('statement_timeout') AS limit` });
  expect(rows).toEqual([{ limit: '200ms' }]); // And only that one.
});
