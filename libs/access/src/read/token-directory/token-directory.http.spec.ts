import type { Answered } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import { later } from '@app/kernel/testing';
import { type TestApp, bearer, openAccess } from '../../../testing/access-app.js';
import { TokenListAnswer } from './token-directory.controller.js';
import type { TokenEntry } from './token-directory.view.js';

const entry = (token_id: string, minute: number): TokenEntry => ({
  token_id,
  name: `token ${token_id}`,
  role: 'viewer',
  issued_at: later(minute),
  issued_by: 'session:s-1',
  expires_at: null,
  revoked_at: null,
  held_at: null,
  caller_id: token_id,
  bindings: [],
  next_token_id: null,
  ends_at: null,
  warnings: [],
});
const NEWEST_FIRST = [
  { ...entry('t-5', 9), expires_at: later(99) },
  entry('t-b', 7), // Issued in the same millisecond as the next.
  { ...entry('t-a', 7), revoked_at: later(8) },
  entry('t-9', 1),
];

let app: TestApp;
let admin: Record<string, string>;
beforeAll(async () => {
  app = await openAccess();
  admin = await app.signIn('admin');
  await app.db.query('CREATE SCHEMA read');
  await app.db.query(`
    CREATE TABLE read.token_directory
      (token_id text PRIMARY KEY, name text, role text, issued_at text, issued_by text, expires_at text, revoked_at text, held_at text,
       caller_id text, bindings jsonb, next_token_id text, ends_at text)`);
  for (const row of NEWEST_FIRST.toSorted((a, b) => (a.token_id < b.token_id ? -1 : 1)))
    await app.db.query(`INSERT INTO read.token_directory SELECT * FROM jsonb_populate_record(NULL::read.token_directory, $1)`, [
      JSON.stringify(row),
    ]);
});
afterAll(() => app.close());

const list = (query = '', headers = admin): Promise<Answered> => app.request('GET', `tokens${query}`, { headers });

it('answers every token, the newest first', async () => {
  const { status, body } = await list('?after=f3');
  expect(status).toBe(200);
  expect(body).toEqual({ as_of: expect.any(String), position: 'f3', lag_ms: 0, warnings: [], data: NEWEST_FIRST });
  expect(() => assertShape(TokenListAnswer, body)).not.toThrow();
});

it.each([1, 2, 3, 4])('answers page by page, %d at a time, each token once', async (limit) => {
  const seen: TokenEntry[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await list(`?limit=${limit}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    expect(() => assertShape(TokenListAnswer, body)).not.toThrow();
    seen.push(...body.data);
    cursor = body.next_cursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(NEWEST_FIRST);
});

it('warns of the tokens that may call with another role than caller, while they are in force', async () => {
  const change = (role: string, column: string, value: string | null) =>
    app.db.query(`UPDATE read.token_directory SET role = $1, ${column} = $2 WHERE token_id = 't-9'`, [role, value]);
  const warnings = async (): Promise<string[]> => (await list()).body.data.find((one: TokenEntry) => one.token_id === 't-9').warnings;
  for (const role of ['operator', 'admin']) {
    await change(role, 'ends_at', null);
    expect(await warnings()).toEqual([
      expect.stringMatching(/A later release lets only tokens of the role caller do that\..* --role caller/),
    ]);
  }
  await change('admin', 'ends_at', later(3));
  expect(await warnings()).toEqual([]);
  await change('admin', 'ends_at', null);
  await change('admin', 'revoked_at', later(3));
  expect(await warnings()).toEqual([]);
  for (const role of ['caller', 'viewer']) {
    await change(role, 'revoked_at', null);
    expect(await warnings()).toEqual([]);
  }
});

it.each(['viewer', 'operator'] as const)('is not for %ss', async (role) => {
  const { token } = await app.token(role);
  expect(await list('', bearer(token) as never)).toMatchObject({ status: 403, body: { code: 'access.denied' } });
});

it.each(['limit=0', 'limit=201', 'limit=ten', 'cursor=t-5', "cursor=';--", 'after=81724', 'sort=up'])(
  'does not understand ?%s',
  async (query) => {
    const answer = await list(`?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'http.invalid' } });
    expect(answer.body.errors[0].field).toBe(query.split('=')[0]);
  },
);
