import pg from 'pg';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import { type TableDescription, TableDump } from './table-dump.js';
import { type DumpedTable, loadTables } from './table-load.js';

const ENDS = { facts: 100, calls: 100, telemetry: 100 };

let from: TestDatabase;
let to: TestDatabase;
const clients: pg.Client[] = [];
beforeEach(async () => {
  [from, to] = await Promise.all([testDatabase(), testDatabase()]);
}, 120_000); // The first test of a run starts PostgreSQL.
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
  await Promise.all([from.drop(), to.drop()]);
});

async function on({ url }: TestDatabase): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  clients.push(client);
  return client;
}

/** Everything in these schemas, with the lines in memory. */
async function dumped({ url }: TestDatabase, ...schemas: string[]): Promise<DumpedTable[]> {
  const dump = await TableDump.open(url);
  try {
    const tables: DumpedTable[] = [];
    for (const table of await dump.tables(schemas)) {
      const lines = await linesOf(dump, table);
      tables.push({ ...table, lines: () => each(lines) });
    }
    return tables;
  } finally {
    await dump.close();
  }
}

async function linesOf(dump: TableDump, table: TableDescription): Promise<string[]> {
  const lines: string[] = [];
  for await (const page of dump.lines(table)) lines.push(...page);
  return lines;
}

async function* each<T>(list: readonly T[]): AsyncGenerator<T, void, void> {
  yield* list;
}

const ODD = `CREATE SCHEMA rollup;
  CREATE TABLE rollup."Odd ""name""" (
    id text COLLATE "C" PRIMARY KEY, "a b" jsonb, big bigint NOT NULL, real double precision, at timestamptz DEFAULT now(),
    raw bytea, flag boolean, list text[], many numeric, span interval, note text CHECK (note <> 'no'), UNIQUE (big, flag));
  CREATE INDEX odd_big ON rollup."Odd ""name""" (big DESC) WHERE flag`;
const VALUES = `INSERT INTO rollup."Odd ""name""" VALUES
  ('a', 'null', 9007199254740993, 0.1, '2026-11-30 20:53:11.123456+02', '\\x00ff', true, '{a,NULL,"b,c"}', 1.10, '1 day 2 hours', ''),
  ('b', NULL, -1, 'NaN', 'infinity', NULL, NULL, NULL, NULL, NULL, NULL),
  ('c', '{"z": [1.0, "\\u2028"], "a": null}', 2, '-0', NULL, '', false, '{}', 'NaN', '-00:00:01', E'line\\nbreak\\r\\u2028"quoted"\\\\ é 😀 null')`;
const ROWS = `SELECT t::text AS row, "a b" IS NULL AS is_null FROM rollup."Odd ""name""" t ORDER BY id`;

it('a dump and a load keep every value, and the shape of the table', async () => {
  const [source, target] = [await on(from), await on(to)];
  await source.query(ODD);
  await source.query(VALUES);
  await alter(from.url, `SET TimeZone = 'Asia/Kathmandu'; SET DateStyle = 'SQL, DMY'; SET bytea_output = 'escape'`);
  await target.query('CREATE SCHEMA rollup');
  const [table] = await dumped(from, 'rollup');
  await loadTables(to.url, [table!], ENDS);
  expect((await target.query(ROWS)).rows).toEqual((await source.query(ROWS)).rows);
  const [again] = await dumped(to, 'rollup');
  const { lines: _lines, ...shape } = table!;
  expect(again).toMatchObject(shape);
  expect(shape).toMatchObject({ indexes: [expect.stringContaining('WHERE flag')], constraints: [{}, {}, {}] });
});

/** Sets what a role has in its database, as an operator may have. */
async function alter(url: string, settings: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const database = pg.escapeIdentifier(new URL(url).pathname.slice(1));
  for (const setting of settings.split('; ')) await client.query(`ALTER DATABASE ${database} ${setting}`);
  await client.end();
}

it('a dump reads all tables as they were at one instant', async () => {
  const source = await on(from);
  await source.query(
    'CREATE SCHEMA private; CREATE TABLE private.a (n int); CREATE TABLE private.b (n int); INSERT INTO private.a VALUES (1)',
  );
  const dump = await TableDump.open(from.url);
  const tables = await dump.tables(['private']);
  await source.query('INSERT INTO private.b VALUES (2); DELETE FROM private.a');
  const rows: string[][] = [];
  for (const table of tables) rows.push(await linesOf(dump, table));
  await dump.close();
  expect(rows).toEqual([['["1"]'], []]);
});

it('a dump pages through a table that is longer than a page', async () => {
  const [source, target] = [await on(from), await on(to)];
  await source.query('CREATE SCHEMA private; CREATE TABLE private.a (n int); INSERT INTO private.a SELECT generate_series(1, 2500)');
  await target.query('CREATE SCHEMA private');
  await loadTables(to.url, await dumped(from, 'private'), ENDS);
  expect((await target.query('SELECT count(*)::int, sum(n)::int FROM private.a')).rows).toEqual([{ count: 2500, sum: 3_126_250 }]);
});

it('a load that fails leaves nothing', async () => {
  const [source, target] = [await on(from), await on(to)];
  await source.query(
    'CREATE SCHEMA private; CREATE TABLE private.a (n int); CREATE TABLE private.b (n int); INSERT INTO private.a VALUES (1)',
  );
  await target.query('CREATE SCHEMA private');
  const [a, b] = await dumped(from, 'private');
  await expect(loadTables(to.url, [a!, { ...b!, lines: () => each(['["x"]']) }], ENDS)).rejects.toThrow('invalid input syntax');
  expect((await target.query(`SELECT to_regclass('private.a') AS a`)).rows).toEqual([{ a: null }]);
});

it('a load sets a checkpoint back that is beyond the end of its stream, and no other', async () => {
  const [source, target] = [await on(from), await on(to)];
  await source.query(`CREATE SCHEMA rollup; CREATE TABLE rollup.checkpoint (fold text, stream text, position bigint);
    INSERT INTO rollup.checkpoint VALUES ('ahead', 'telemetry', 120), ('behind', 'telemetry', 80), ('calls', 'calls', 120)`);
  await target.query('CREATE SCHEMA rollup');
  await loadTables(to.url, await dumped(from, 'rollup'), { ...ENDS, calls: 200 });
  const { rows } = await target.query('SELECT fold, position::int FROM rollup.checkpoint ORDER BY fold');
  expect(rows).toEqual([
    { fold: 'ahead', position: 100 },
    { fold: 'behind', position: 80 },
    { fold: 'calls', position: 120 },
  ]);
});
