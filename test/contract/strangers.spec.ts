import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OperatorsAdapter } from '@app/http';
import { type TestApp, SESSION_COOKIE, bearer, openAccess } from '../../libs/access/testing/access-app.js';
import { newSecret } from '../../libs/access/src/adapters/secret.adapter.js';
import { protect } from '../../apps/api/src/http.module.js';

/** Requests a minute, of one caller or of the strangers at one address: fewer than outside tests. */
const RATE = 60;

let testApp: TestApp;
beforeEach(async () => {
  testApp = await openAccess({}, (app) => protect(app, { max: RATE }));
});
afterEach(() => testApp.close());

const crossSite = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
const many = async (times: number, ask: () => Promise<{ status: number }>): Promise<Set<number>> => {
  const statuses = new Set<number>();
  for (let done = 0; done < times; done += 50)
    for (const { status } of await Promise.all(Array.from({ length: Math.min(50, times - done) }, ask))) statuses.add(status);
  return statuses;
};

it('lets a person log in at an address from which pages of other sites send any number of forms and requests', async () => {
  const code = await testApp.code();
  const forms = await many(30, () =>
    testApp.request('POST', 'session', { body: 'code=x', headers: { ...crossSite, 'content-type': 'application/x-www-form-urlencoded' } }),
  );
  const posts = await many(30, () =>
    testApp.request('POST', 'session', { body: { code: 'x' }, headers: { origin: 'https://evil.example' } }),
  );
  const gets = await many(RATE + 60, () => testApp.request('GET', 'sample', { headers: crossSite }));
  expect([forms, posts, gets]).toEqual([new Set([403]), new Set([403]), new Set([403])]);
  expect(await testApp.request('POST', 'session', { body: { code } })).toMatchObject({ status: 201 });
});

it('spends nothing of a caller whose cookie a page of another site has sent', async () => {
  const { cookie } = await testApp.signIn('viewer');
  const before = await testApp.request('GET', 'sample', { headers: { cookie } });
  await many(60, () => testApp.request('GET', 'sample', { headers: { ...crossSite, cookie } }));
  const after = await testApp.request('GET', 'sample', { headers: { cookie } });
  const left = [before, after].map(({ headers }) => Number(headers.get('ratelimit-remaining')));
  expect(left).toEqual([RATE - 1, RATE - 2]);
});

it('never refuses a caller because of strangers at the same address, nor a stranger because of a caller', async () => {
  const session = await testApp.signIn('admin');
  const { token } = await testApp.token('viewer');
  const unused = (await testApp.token('operator')).token;
  const strangers = [{}, bearer(newSecret('token')), { cookie: `${SESSION_COOKIE}=${newSecret('session')}` }, bearer('nonsense')];
  let n = 0;
  const seen = await many(RATE, () =>
    testApp.request('GET', 'sample', { headers: strangers[n++ % strangers.length] as Record<string, string> }),
  );
  expect(seen).toEqual(new Set([401, 429]));
  const refused = await testApp.request('GET', 'sample', { headers: bearer(newSecret('token')) });
  expect(refused).toMatchObject({ status: 429, body: { code: 'http.429' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);

  for (const headers of [session, bearer(token), bearer(unused)])
    expect(await testApp.request('GET', 'sample', { headers })).toMatchObject({ status: 200 });
  expect(await testApp.request('POST', 'sample', { headers: session })).toMatchObject({ status: 201 });
});

it('counts a secret that nobody has to its address before PostgreSQL is asked for it', async () => {
  await many(RATE, () => testApp.request('GET', 'sample/anybody'));
  testApp.postgres.cut();
  expect(await testApp.request('GET', 'sample', { headers: bearer(newSecret('token')) })).toMatchObject({ status: 429 });
});

it('bounds each caller by itself', async () => {
  const [one, other] = [await testApp.token('viewer'), await testApp.token('viewer')];
  const seen = await many(RATE + 1, () => testApp.request('GET', 'sample', { headers: bearer(one.token) }));
  expect(seen).toEqual(new Set([200, 429]));
  expect(await testApp.request('GET', 'sample', { headers: bearer(other.token) })).toMatchObject({ status: 200 });
  expect(await testApp.request('GET', 'sample/anybody')).toMatchObject({ status: 200 });
});

it('takes the request of a token that was revoked for that of a stranger', async () => {
  const { token, token_id } = await testApp.token('viewer');
  const session = await testApp.signIn('admin');
  await testApp.request('POST', `tokens/${token_id}/revoke`, { headers: session });
  const left = async (headers: Record<string, string>): Promise<number> =>
    Number((await testApp.request('GET', 'sample', { headers })).headers.get('ratelimit-remaining'));
  const before = await left({});
  expect(await left(bearer(token))).toBe(before - 1);
});

it('closes the connection of a caller last, when its address has too many', async () => {
  const { connections } = (testApp.app as NestFastifyApplication).getHttpAdapter() as unknown as OperatorsAdapter;
  const trusted = jest.spyOn(connections, 'trust');
  await testApp.request('GET', 'sample', { headers: bearer(newSecret('token')) });
  expect(trusted).not.toHaveBeenCalled();
  await testApp.request('GET', 'sample', { headers: bearer((await testApp.token('viewer')).token) });
  expect(trusted).toHaveBeenCalled();
});

it('lets two instances on one host keep their sessions in one browser', async () => {
  const mine = await testApp.signIn('viewer');
  const theirs = `cb_session_inst-other=${newSecret('session')}`;
  for (const cookie of [`${mine.cookie}; ${theirs}`, `${theirs}; ${mine.cookie}`])
    expect(await testApp.request('GET', 'sample', { headers: { cookie } })).toMatchObject({ status: 200 });
  expect(await testApp.request('GET', 'sample', { headers: { cookie: theirs } })).toMatchObject({ status: 401 });
});
