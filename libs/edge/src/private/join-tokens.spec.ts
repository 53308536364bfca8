import { DataSource } from 'typeorm';
import { NOW, later } from '@app/kernel/testing';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import { JoinTokenIssued, type JoinTokenId } from '../events/index.js';
import { edge } from '../context.js';
import { JoinTokensJob } from './join-tokens.job.js';
import { JoinTokens, newJoinToken } from './join-tokens.provider.js';

let database: TestDatabase;
let db: DataSource;
let tokens: JoinTokens;
beforeAll(async () => {
  database = await testDatabase();
  db = await new DataSource({
    type: 'postgres',
    url: database.url,
    entities: [...edge.entities],
    migrations: [...edge.migrations],
  }).initialize();
  await db.runMigrations();
  tokens = new JoinTokens(db);
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const issued = (id: string, expires_at = later(30)): JoinTokenIssued => ({
  ...JoinTokenIssued.example,
  join_token_id: id as JoinTokenId,
  expires_at,
});

it('the migration makes what the entity describes', async () => {
  const { upQueries } = await db.driver.createSchemaBuilder().log();
  expect(upQueries.map(({ query }) => query)).toEqual([]);
});

it('makes tokens of 32 random bytes', () => {
  const made = Array.from({ length: 100 }, newJoinToken);
  expect(new Set(made).size).toBe(100);
  for (const token of made) expect(token).toMatch(/^cbj_[A-Za-z0-9_-]{43}$/);
});

it('finds a token by itself, and keeps it nowhere', async () => {
  const token = newJoinToken();
  await tokens.keep(issued('join-1'), token);
  expect(await tokens.idOf(token)).toBe('join-1');
  expect(await tokens.idOf(newJoinToken())).toBeNull();
  expect(JSON.stringify(await db.query('SELECT * FROM private.edge_join_token'))).not.toContain(token.slice(4));
});

it('keeps one secret for each id, the newest', async () => {
  const [first, second, third] = [newJoinToken(), newJoinToken(), newJoinToken()];
  await tokens.keep(issued('join-2'), first);
  await tokens.keep(issued('join-2'), second);
  expect([await tokens.idOf(first), await tokens.idOf(second)]).toEqual([null, 'join-2']);
  expect([await tokens.replace('join-2', third), await tokens.replace('join-none', newJoinToken())]).toEqual([true, false]);
  expect([await tokens.idOf(second), await tokens.idOf(third)]).toEqual([null, 'join-2']);
  await tokens.forget('join-2', second);
  expect(await tokens.idOf(third)).toBe('join-2');
});

it('forgets one, and at last those that have expired', async () => {
  const [gone, old, young] = [newJoinToken(), newJoinToken(), newJoinToken()];
  await tokens.keep(issued('join-3'), gone);
  await tokens.forget('join-3', gone);
  await tokens.keep(issued('join-4', later(-24 * 60 - 1)), old);
  await tokens.keep(issued('join-5', later(-24 * 60 + 1)), young);
  await new JoinTokensJob(tokens).run(NOW);
  expect([await tokens.idOf(gone), await tokens.idOf(old), await tokens.idOf(young)]).toEqual([null, null, 'join-5']);
});
