import type { Answered } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import { type TestApp, openAccess } from '../../../testing/access-app.js';
import { newLoginCode } from '../../adapters/login-code.adapter.js';
import { newSecret } from '../../adapters/secret.adapter.js';
import { SignedInView } from '../../signed-in.view.js';

let app: TestApp; // One for each test: the address of all is the same, and so is the minute.
beforeEach(async () => {
  app = await openAccess();
});
afterEach(() => app.close());

const open = (code: string): Promise<Answered> => app.request('POST', 'session', { body: { code } });
const sessions = (): Promise<{ session_id: string }[]> => app.db.query('SELECT * FROM private.session');
const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
const invalid = { status: 401, body: { code: 'access.code-invalid', next: expect.stringContaining('npm run login') } };

it('opens a session of 12 hours with the role of the code', async () => {
  const { status, headers, body } = await open(await app.code('operator'));
  expect(status).toBe(201);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(() => assertShape(SignedInView, body)).not.toThrow();
  expect(body).toMatchObject({ actor: expect.stringMatching(/^session:/), role: 'operator' });
  const ms = Date.parse(body.expires_at) - Date.now();
  expect(ms).toBeGreaterThan(12 * 3_600_000 - 60_000);
  expect(ms).toBeLessThanOrEqual(12 * 3_600_000);
  expect(app.log.facts).toMatchObject([
    {
      type: 'access.session.opened',
      actor: body.actor,
      data: { session_id: body.actor.replace('session:', ''), role: 'operator', expires_at: body.expires_at },
    },
  ]);
});

it.each([
  [false, '', ''],
  [true, '__Host-', ' Secure;'],
])('sets a cookie of this instance that no script and no other site can use (https: %s)', async (secureCookie, prefix, secure) => {
  await app.close();
  app = await openAccess({ secureCookie });
  const { headers, body } = await open(await app.code());
  const expires = new Date(body.expires_at).toUTCString();
  expect(headers.getSetCookie()).toEqual([
    expect.stringMatching(
      new RegExp(
        `^${prefix}cb_session_inst-7f3q=cb_ses_[A-Za-z0-9_-]{43}; Path=/; Expires=${expires}; HttpOnly;${secure} SameSite=Strict$`,
      ),
    ),
  ]);
});

it('takes a code once', async () => {
  const code = await app.code();
  expect(await open(code)).toMatchObject({ status: 201 });
  expect(await open(code)).toMatchObject(invalid);
});

it('takes a code once, however many bring it at the same time', async () => {
  const code = await app.code();
  const answers = await Promise.all(Array.from({ length: 8 }, () => open(code)));
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, ...Array<number>(7).fill(401)]);
  expect(await sessions()).toHaveLength(1);
});

it('takes a code for 15 minutes', async () => {
  const [late, tooLate] = [
    await newLoginCode(app.db, { role: 'admin', now: minutesAgo(14) }),
    await newLoginCode(app.db, { role: 'admin', now: minutesAgo(15) }),
  ];
  expect(await open(late)).toMatchObject({ status: 201 });
  expect(await open(tooLate)).toMatchObject(invalid);
});

it('takes no other code', async () => {
  await app.code();
  for (const code of [newSecret('login'), newSecret('token'), 'wrong', ' ', '']) {
    const answer = await open(code);
    expect(answer).toMatchObject(invalid);
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
  expect(await sessions()).toEqual([]);
});

it('sweeps codes and sessions that are over', async () => {
  await newLoginCode(app.db, { role: 'admin', now: minutesAgo(16) });
  await app.signIn();
  await app.db.query(`UPDATE private.session SET expires_at = '2026-01-01T00:00:00.000Z', session_id = 'over'`);
  await app.signIn();
  expect((await sessions()).map(({ session_id }) => session_id)).not.toContain('over');
  expect(await app.db.query(`SELECT 1 FROM private.login_code WHERE used_at IS NULL`)).toEqual([]);
});

it.each([{}, { code: 7 }, { code: 'x'.repeat(201) }, { code: 'x', role: 'admin' }])('does not understand %j', async (body) => {
  expect(await app.request('POST', 'session', { body })).toMatchObject({ status: 400, body: { code: 'http.invalid' } });
});

it('reads a body of 1 KiB and none that is larger, since anybody may send it', async () => {
  const of = (bytes: number) => app.request('POST', 'session', { body: { code: 'x'.repeat(bytes - '{"code":""}'.length) } });
  expect(await of(1_024)).toMatchObject({ status: 400, body: { code: 'http.invalid' } });
  expect(await of(1_025)).toMatchObject({ status: 413, body: { code: 'http.413' } });
});

it('lets ten fail within a minute, and then looks at no code from that address', async () => {
  for (let i = 0; i < 10; i++) expect(await open(newSecret('login'))).toMatchObject(invalid);
  const code = await app.code();
  const answer = await open(code);
  expect(answer).toMatchObject({ status: 429, body: { code: 'http.429', detail: expect.stringContaining('127.0.0.1') } });
  const seconds = Number(answer.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(answer.body.next).toContain(`Wait ${seconds} s`);
  expect(await app.db.query('SELECT 1 FROM private.login_code WHERE used_at IS NULL')).toHaveLength(1);
});

it('does not count what succeeds', async () => {
  for (let i = 0; i < 12; i++) expect(await open(await app.code())).toMatchObject({ status: 201 });
});

it('gives the code back when the log does not answer', async () => {
  const code = await app.code();
  app.log.isDown = true;
  const answer = await open(code);
  expect(answer).toMatchObject({ status: 503, body: { code: 'event-store.unavailable' } });
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(await sessions()).toEqual([]);
  app.log.isDown = false;
  expect(await open(code)).toMatchObject({ status: 201 });
});

it('does not hold it against the caller that PostgreSQL does not answer', async () => {
  const code = await app.code();
  app.postgres.cut();
  for (let i = 0; i < 12; i++) expect(await open(code)).toMatchObject({ status: 503, body: { code: 'access.unavailable' } });
  app.postgres.mend();
  expect(await open(code)).toMatchObject({ status: 201 });
});
