import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import { type System, dataDir, startSystem } from './system.js';

/** The key of a whole system: made once, and never made anew by itself. PostgreSQL is one whose tables the test can empty. */
const ROOT = join(import.meta.dirname, '../..');
let dir: ReturnType<typeof dataDir>;
let database: TestDatabase;
let client: pg.Client;
let system: System;
const start = (token?: string): Promise<System> =>
  startSystem({ dataDir: dir.path, env: { DATABASE_URL: database.url }, ...(token === undefined ? {} : { token }) });

beforeAll(async () => {
  dir = dataDir();
  database = await testDatabase();
  system = await start();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
}, 180_000);
afterAll(async () => {
  await client.end();
  await system.stop();
  await database.drop();
  await dir.remove();
});

const FINGERPRINT = /[0-9a-f]{4}(?:-[0-9a-f]{4}){7}/;
interface Found {
  readonly state: string;
  readonly detail: string;
  readonly next: string | null;
}
const doctor = async (): Promise<Found> => {
  const { body } = await system.call('GET', 'doctor');
  return (body.data.checks as (Found & { id: string })[]).find(({ id }) => id === 'instance_key')!;
};
/** Asks until the check is in that state, for at most so long as a process takes to read its key. */
async function found(state: string): Promise<Found> {
  const end = Date.now() + 30_000;
  for (;;) {
    const check = await doctor();
    if (check.state === state || Date.now() > end) {
      expect(check).toMatchObject({ state });
      return check;
    }
  }
}
const fingerprintIn = ({ detail }: Found): string => FINGERPRINT.exec(detail)?.[0] ?? 'none';
const keysMade = async (): Promise<number> => ((await system.get('events?type=federation.instance-key.made')).body.data as object[]).length;
const warnings = async (): Promise<string[]> =>
  ((await system.get('overview')).body.warnings as { code: string; detail: string }[])
    .filter(({ code }) => code === 'federation.instance-key-lost')
    .map(({ detail }) => detail);
async function newKey(...args: string[]): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env['PATH'] ?? '', DATA_DIR: dir.path };
  const ran = promisify(execFile)(
    join(ROOT, 'node_modules/.bin/node'),
    [join(ROOT, 'dist/apps/standalone/src/log.js'), 'new-key', ...args],
    { cwd: ROOT, env },
  );
  const { code, said } = await ran.then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, said: error.stdout + error.stderr }),
  );
  return { code, said };
}

let first: string;

it('is made at the first start, and the doctor names its fingerprint', async () => {
  first = fingerprintIn(await found('ok'));
  expect(first).toMatch(FINGERPRINT);
  expect(await keysMade()).toBe(1);
  const { rows } = await client.query('SELECT sealed FROM private.instance_key');
  expect(rows).toEqual([{ sealed: expect.stringMatching(/^v1\./) }]);
});

it('is given up only by who names the instance while it works', async () => {
  const { code, said } = await newKey();
  expect(code).toBe(1);
  expect(said).toContain(`The key ${first} of `);
  expect(said).toMatch(/is not lost \(federation\.key-works\)\n {2}next: .*npm run log -- new-key --confirm=/);
  expect(await keysMade()).toBe(1);
});

it('is not made anew when its private half is gone: the doctor fails, the overview warns, and both name the command', async () => {
  await client.query('DELETE FROM private.instance_key');
  expect(await found('fail')).toMatchObject({
    detail: `The private half of the instance key ${first} is lost: private.instance_key does not hold it.`,
    next: expect.stringContaining('npm run log -- new-key'),
  });
  const { token } = system;
  await system.stop();
  system = await start(token);
  expect(fingerprintIn(await found('fail'))).toBe(first);
  expect(await warnings()).toEqual([expect.stringContaining('npm run log -- new-key')]);
  expect([await keysMade(), (await client.query('SELECT 1 FROM private.instance_key')).rowCount]).toEqual([1, 0]);
}, 120_000);

it('is made anew by the command on the host, and the running processes take it at once', async () => {
  const { code, said } = await newKey();
  expect([code, said]).toEqual([0, expect.stringContaining('ap infrastructure peers pin')]);
  const second = FINGERPRINT.exec(said)?.[0] ?? '';
  expect(second).not.toBe(first);
  expect(fingerprintIn(await found('ok'))).toBe(second);
  expect(await warnings()).toEqual([]);
  expect(await keysMade()).toBe(2);
});
