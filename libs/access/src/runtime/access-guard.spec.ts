import { createHmac } from 'node:crypto';
import { type TestApp, SESSION_COOKIE, bearer, openAccess } from '../../testing/access-app.js';
import { newSecret } from '../adapters/secret.adapter.js';

let app: TestApp;
beforeAll(async () => {
  app = await openAccess();
});
afterAll(() => app.close());

describe('a route', () => {
  it('that is public answers anybody, whatever they carry', async () => {
    expect(await app.request('GET', 'sample/anybody')).toMatchObject({ status: 200, body: 'hello' });
    expect(await app.request('GET', 'sample/anybody', { headers: bearer('nonsense') })).toMatchObject({ status: 200 });
  });

  it.each([
    ['nothing', {}],
    ['a token nobody issued', bearer(newSecret('token'))],
    ['a token that is none', bearer('cb_srv_short')],
    ['a token with something behind it', bearer(`${newSecret('token')}x`)],
    ['another scheme', { authorization: `Basic ${newSecret('token')}` }],
    ['a session nobody opened', { cookie: `${SESSION_COOKIE}=${newSecret('session')}` }],
  ])('asks for a login when the request carries %s', async (_what, headers) => {
    const answer = await app.request('GET', 'sample', { headers });
    expect(answer).toMatchObject({ status: 401, body: { code: 'access.login-needed' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('knows the caller by a token', async () => {
    const { token, token_id } = await app.token('viewer');
    expect(await app.request('GET', 'sample', { headers: bearer(token) })).toMatchObject({
      status: 200,
      body: { actor: `token:${token_id}` },
    });
    expect(await app.request('GET', 'sample', { headers: { authorization: `bearer  ${token}` } })).toMatchObject({ status: 200 });
  });

  it('knows the caller by a session', async () => {
    const { cookie } = await app.signIn('viewer');
    expect(await app.request('GET', 'sample', { headers: { cookie } })).toMatchObject({
      status: 200,
      body: { actor: expect.stringMatching(/^session:/) },
    });
  });

  it('takes neither for the other: a session without its cookie would need no X-CSRF-Token', async () => {
    const { token } = await app.token('admin');
    const { cookie } = await app.signIn('admin');
    const [, secret = ''] = cookie.split('=');
    for (const headers of [bearer(secret), { cookie: `${SESSION_COOKIE}=${token}` }])
      expect(await app.request('GET', 'sample', { headers })).toMatchObject({ status: 401, body: { code: 'access.login-needed' } });
  });

  it('goes by the Authorization header alone where there is one', async () => {
    const { cookie } = await app.signIn('admin');
    expect(await app.request('GET', 'sample', { headers: { cookie, ...bearer('wrong') } })).toMatchObject({ status: 401 });
  });
});

describe('a role', () => {
  it.each([
    ['viewer', { GET: 200, POST: 403, DELETE: 403 }],
    ['operator', { GET: 200, POST: 201, DELETE: 403 }],
    ['admin', { GET: 200, POST: 201, DELETE: 200 }],
  ] as const)('%s may no more than it may', async (role, statuses) => {
    const { token } = await app.token(role);
    const session = await app.signIn(role);
    for (const headers of [bearer(token), session])
      for (const [method, status] of Object.entries(statuses))
        expect([method, (await app.request(method, 'sample', { headers })).status]).toEqual([method, status]);
  });

  it('caller opens nothing but the question who it is', async () => {
    const headers = bearer((await app.token('caller')).token);
    for (const method of ['GET', 'POST', 'DELETE'])
      expect(await app.request(method, 'sample', { headers })).toMatchObject({ status: 403, body: { code: 'access.denied' } });
    expect(await app.request('GET', 'session', { headers })).toMatchObject({ status: 200, body: { role: 'caller', csrf_token: null } });
  });

  it('caller is never that of a login', async () => {
    const code = await app.code('caller' as never);
    const { status, headers } = await app.request('POST', 'session', { body: { code } });
    expect([status, headers.getSetCookie()]).not.toEqual([201, expect.anything()]);
    expect(await app.db.query(`SELECT * FROM private.session WHERE role = 'caller'`)).toEqual([]);
  });

  it('that is too small is told which is needed', async () => {
    const { token, token_id } = await app.token('viewer');
    expect(await app.request('DELETE', 'sample', { headers: bearer(token) })).toMatchObject({
      status: 403,
      body: {
        code: 'access.denied',
        detail: `This needs the role admin; token:${token_id} has the role viewer.`,
        next: expect.any(String),
      },
    });
  });
});

describe('a session', () => {
  it.each([
    ['none', () => ({})],
    ['an empty one', () => ({ 'x-csrf-token': '' })],
    ['one that is cut short', (own: string) => ({ 'x-csrf-token': own.slice(0, -1) })],
    ['one changed in a letter', (own: string) => ({ 'x-csrf-token': (own.startsWith('A') ? 'B' : 'A') + own.slice(1) })],
    ['one made without the secret', () => ({ 'x-csrf-token': createHmac('sha256', '').update('cb-csrf-v1').digest('base64url') })],
  ])('changes nothing with %s for X-CSRF-Token', async (_what, sent) => {
    const { cookie, 'x-csrf-token': own } = await app.signIn('admin');
    for (const method of ['POST', 'DELETE'])
      expect(await app.request(method, 'sample', { headers: { cookie, ...sent(own) } as Record<string, string> })).toMatchObject({
        status: 403,
        body: { code: 'access.csrf' },
      });
    expect(await app.request('POST', 'sample', { headers: { cookie, 'x-csrf-token': own } })).toMatchObject({ status: 201 });
  });

  it("changes nothing with another session's X-CSRF-Token", async () => {
    const [one, other] = [await app.signIn('admin'), await app.signIn('admin')];
    const answer = await app.request('POST', 'sample', { headers: { ...one, 'x-csrf-token': other['x-csrf-token'] } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'access.csrf' } });
  });
});

/** The wire is cut or dead; PostgreSQL itself runs on. */
describe.each(['cut', 'freeze'] as const)('while PostgreSQL does not answer (%s)', (trouble) => {
  let seen: { authorization: string };
  let unseen: { authorization: string };
  let session: { cookie: string };
  beforeAll(async () => {
    seen = bearer((await app.token('viewer')).token);
    unseen = bearer((await app.token('viewer')).token);
    session = await app.signIn('viewer');
    for (const headers of [seen, session]) await app.request('GET', 'sample', { headers });
    app.postgres[trouble]();
  });
  afterAll(() => app.postgres.mend());

  it('lets in whom it saw shortly before', async () => {
    for (const headers of [seen, session]) expect(await app.request('GET', 'sample', { headers })).toMatchObject({ status: 200 });
  });

  it('gives them no more than they had', async () => {
    expect(await app.request('POST', 'sample', { headers: seen })).toMatchObject({ status: 403 });
    expect(await app.request('POST', 'sample', { headers: session })).toMatchObject({ status: 403 });
  });

  it.each([
    ['one it has not seen', () => unseen],
    ['one nobody issued', () => bearer(newSecret('token'))],
    ['a session nobody opened', () => ({ cookie: `${SESSION_COOKIE}=${newSecret('session')}` })],
  ])('neither lets in nor denies %s', async (_what, headers) => {
    const answer = await app.request('GET', 'sample', { headers: headers() });
    expect(answer).toMatchObject({ status: 503, body: { code: 'access.unavailable', next: expect.any(String) } });
  });

  it('needs no PostgreSQL to turn away what is no token', async () => {
    expect(await app.request('GET', 'sample', { headers: bearer('wrong') })).toMatchObject({ status: 401 });
  });

  it('looks up again when PostgreSQL is back', async () => {
    app.postgres.mend();
    expect(await app.request('GET', 'sample', { headers: unseen })).toMatchObject({ status: 200 });
    expect(await app.request('GET', 'sample', { headers: bearer(newSecret('token')) })).toMatchObject({ status: 401 });
  });
});

it('says once that PostgreSQL fell silent, and once that it is back', () => {
  expect(app.logCapture.text.match(/PostgreSQL does not answer, logins cannot be checked/g)).toHaveLength(2);
  expect(app.logCapture.text.match(/PostgreSQL answers again/g)).toHaveLength(2);
});

it('lets nobody in when the mistake is ours', async () => {
  const { token } = await app.token('viewer');
  await app.db.query('ALTER TABLE private.service_token RENAME TO service_token_gone');
  const answer = await app.request('GET', 'sample', { headers: bearer(token) });
  await app.db.query('ALTER TABLE private.service_token_gone RENAME TO service_token');
  expect(answer).toMatchObject({ status: 500, body: { code: 'http.500' } });
});
