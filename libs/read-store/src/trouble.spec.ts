import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Socket, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { type DataSource, QueryFailedError } from 'typeorm';
import { poolOf, privateStore, run } from '@app/read-store';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import { DatabaseFull, DatabaseUnavailable, LOST, databaseErrorOf, isDatabaseTrouble, wasDatabaseFull } from './trouble.js';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()), 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => database.drop());

/** A server that ends each connection with one error, as PostgreSQL does while it starts or stops. */
async function refusing(sqlState: string, message: string): Promise<{ url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', () => {
      const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlState}\0M${message}\0\0`);
      const head = Buffer.alloc(5);
      head.write('E');
      head.writeInt32BE(fields.length + 4, 1);
      socket.end(Buffer.concat([head, fields]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `postgres://u:p@127.0.0.1:${(server.address() as AddressInfo).port}/d`,
    close: () => (sockets.forEach((socket) => socket.destroy()), new Promise((resolve) => server.close(() => resolve()))),
  };
}

const thrownBy = (work: () => Promise<unknown>): Promise<unknown> =>
  work().then(
    () => undefined,
    (error: unknown) => error,
  );

describe('isDatabaseTrouble', () => {
  it.each([
    ['57P03', 'the database system is starting up'],
    ['57P01', 'terminating connection due to administrator command'],
    ['53300', 'sorry, too many clients already'],
  ])('takes %s for an outage: %s', async (sqlState, message) => {
    const server = await refusing(sqlState, message);
    const pool = poolOf(server.url, { name: 'test', max: 1 });
    const error = await thrownBy(() => run(pool, { text: 'SELECT 1' }));
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(error).toMatchObject({ code: 'read-store.unavailable', message: `PostgreSQL does not answer: ${message}` });
    await pool.end();
    await server.close();
  });

  it('takes a server that is not there for an outage, and one that ended', async () => {
    const pool = poolOf('postgres://u:p@127.0.0.1:1/d', { name: 'test', max: 1 });
    expect(await thrownBy(() => run(pool, { text: 'SELECT 1' }))).toBeInstanceOf(DatabaseUnavailable);
    await pool.end();
    expect(await thrownBy(() => run(pool, { text: 'SELECT 1' }))).toBeInstanceOf(DatabaseUnavailable);
  });

  it('takes a backend that was ended in the middle of a statement for an outage', async () => {
    const pool = poolOf(database.url, { name: 'ended', max: 1 });
    const other = poolOf(database.url, { name: 'ending', max: 1 });
    const asleep = thrownBy(() => run(pool, { text: 'SELECT pg_sleep(60)' }));
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ended' AND state = 'active'`;
    while ((await run(other, { text: end })).rowCount === 0);
    expect(await asleep).toBeInstanceOf(DatabaseUnavailable);
    await Promise.all([pool.end(), other.end()]);
  });

  it('knows no message that the driver does not say', () => {
    const { resolve } = createRequire(import.meta.url);
    const client = resolve('pg').replace(/index\.js$/, 'client.js');
    const source = [client, resolve('pg-pool')].map((file) => readFileSync(file, 'utf8')).join('\n');
    for (const message of LOST) expect(source).toContain(`'${message}'`);
  });
});

describe('a mistake of ours', () => {
  let pool: pg.Pool;
  beforeAll(() => void (pool = poolOf(database.url, { name: 'test', max: 1 })));
  afterAll(() => pool.end());

  it.each<[string, pg.QueryConfig[], object]>([
    [
      'a name for two statements',
      [
        { name: 'n', text: 'SELECT 1' },
        { name: 'n', text: 'SELECT 2' },
      ],
      { message: /must be unique/ },
    ],
    ['too few values', [{ text: 'SELECT $1::int, $2::int', values: [1] }], { code: '08P01' }],
    ['too many values', [{ text: 'SELECT $1::int', values: [1, 2] }], { code: '08P01' }],
    ['values that are no list', [{ text: 'SELECT 1', values: {} as never }], { message: /must be an array/ }],
    ['a value that cannot be sent', [{ text: 'SELECT $1::text', values: [circular()] }], { message: /circular/ }],
    ['no text', [{} as pg.QueryConfig], { message: /text or a name/ }],
    ['a statement that is none', [{ text: 'SELEC 1' }], { code: '42601' }],
  ])('is thrown as it is: %s', async (_name, statements, expected) => {
    let error: unknown;
    for (const statement of statements) error = await thrownBy(() => run(pool, statement));
    expect(error).not.toBeInstanceOf(DatabaseUnavailable);
    for (const [field, value] of Object.entries(expected) as ['code' | 'message', string | RegExp][])
      expect((error as Record<'code' | 'message', string>)[field]).toMatch(value);
  });

  it('is thrown as it is, of whatever class', () => {
    for (const error of [new TypeError('x is undefined'), new Error('unforeseen'), 'text', undefined]) {
      expect(databaseErrorOf(error)).toBe(error);
      expect(isDatabaseTrouble(error)).toBe(false);
    }
  });
});

describe('the private store', () => {
  let store: DataSource;
  beforeAll(async () => void (store = await privateStore(database.url, []).initialize()));
  afterAll(() => store.isInitialized && store.destroy());

  it('throws the driver error of a mistake as TypeORM does', async () => {
    const error = await thrownBy(() => store.query('SELEC 1'));
    expect(error).not.toBeInstanceOf(DatabaseUnavailable);
    expect(error).toMatchObject({ name: 'QueryFailedError', driverError: { code: '42601' } });
  });

  it.each<[string, (db: DataSource) => Promise<unknown>]>([
    ['a query', (db) => db.query('SELECT 1')],
    ['a transaction', (db) => db.transaction(async (tx) => tx.query('SELECT 1'))],
    ['a builder', (db) => db.createQueryBuilder().select('1').from('pg_class', 'c').getRawMany()],
  ])('throws DatabaseUnavailable while PostgreSQL starts, by %s', async (_name, work) => {
    const server = await refusing('57P03', 'the database system is starting up');
    const { port } = new URL(server.url);
    const driver = store.driver as unknown as { master: pg.Pool };
    const [master, starting] = [driver.master, new pg.Pool({ host: '127.0.0.1', port: Number(port), user: 'u', database: 'd' })];
    driver.master = starting;
    expect(await thrownBy(() => work(store))).toBeInstanceOf(DatabaseUnavailable);
    driver.master = master;
    await starting.end();
    await server.close();
  });

  it('throws DatabaseUnavailable once it is destroyed, since the process drains', async () => {
    await store.destroy();
    for (const work of [() => store.query('SELECT 1'), () => store.transaction((tx) => tx.query('SELECT 1'))])
      expect(await thrownBy(work)).toBeInstanceOf(DatabaseUnavailable);
  });
});

function circular(): object {
  const value: Record<string, unknown> = {};
  return Object.assign(value, { value });
}

describe('a full disk of PostgreSQL', () => {
  it('has a code of its own, is remembered for a while, and is no silence', async () => {
    const server = await refusing('53100', 'could not extend file "base/1/2": No space left on device');
    const pool = poolOf(server.url, { name: 'test', max: 1 });
    expect(wasDatabaseFull()).toBe(false);
    const error = await thrownBy(() => run(pool, { text: 'INSERT INTO t VALUES (1)' }));
    expect(error).toBeInstanceOf(DatabaseFull);
    expect(error).toMatchObject({
      code: 'read-store.disk-full',
      message: expect.stringMatching(/^The disk of PostgreSQL is full: could not extend/),
    });
    expect(wasDatabaseFull()).toBe(true);
    await pool.end();
    await server.close();
  });

  it('is told by TypeORM as well', () => {
    const driver = Object.assign(new pg.DatabaseError('could not extend file', 1, 'error'), { code: '53100' });
    expect(databaseErrorOf(new QueryFailedError('INSERT', [], driver))).toBeInstanceOf(DatabaseFull);
  });
});
