import { DataSource } from 'typeorm';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import { access } from '../context.js';
import { TokenUse1796083200000 } from './token-use.migration.js';

let database: TestDatabase;
let db: DataSource;
beforeAll(async () => {
  database = await testDatabase();
  db = new DataSource({ type: 'postgres', url: database.url, entities: [...access.entities], migrations: [...access.migrations] });
  await db.initialize();
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const tables = async (): Promise<string[]> => {
  const rows: { table_name: string }[] = await db.query(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = 'private' ORDER BY table_name`,
  );
  return rows.map(({ table_name }) => table_name);
};

it('the migration makes what the entities describe, beside what is there, and takes it back', async () => {
  await db.query('CREATE SCHEMA private');
  await db.query('CREATE TABLE private.of_another_room (id text)');
  await db.runMigrations();
  expect(await tables()).toEqual(['login_code', 'of_another_room', 'owed_revocation', 'service_token', 'session']);
  const { upQueries } = await db.driver.createSchemaBuilder().log();
  expect(upQueries.map(({ query }) => query)).toEqual([]);
  for (const _ of access.migrations) await db.undoLastMigration();
  expect(await tables()).toEqual(['of_another_room']);
});

it('takes tokens of an earlier release for used: their secrets are not replaced', async () => {
  const [tables] = access.migrations;
  await new tables().up(db.createQueryRunner());
  await db.query(`INSERT INTO private.service_token (token_id, hash, name, role) VALUES ('t-1', 'h', 'old', 'viewer')`);
  await new TokenUse1796083200000().up(db.createQueryRunner());
  const [{ used_at }] = await db.query<[{ used_at: string }]>('SELECT used_at FROM private.service_token');
  expect(new Date(used_at).toISOString()).toBe(used_at);
});
