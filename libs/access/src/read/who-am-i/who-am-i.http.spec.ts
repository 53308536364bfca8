import type { Answered } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import { type TestApp, bearer, openAccess } from '../../../testing/access-app.js';
import { WhoAmI } from './who-am-i.view.js';

let app: TestApp;
beforeAll(async () => {
  app = await openAccess();
});
afterAll(() => app.close());

const ask = (headers: Record<string, string>): Promise<Answered> => app.request('GET', 'session', { headers });

it('tells a session who it is and what to send as X-CSRF-Token', async () => {
  const { cookie, 'x-csrf-token': csrf_token } = await app.signIn('operator');
  const { status, headers, body } = await ask({ cookie });
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body).toMatchObject({ actor: expect.stringMatching(/^session:/), role: 'operator', csrf_token, instance_id: 'inst-7f3q' });
  expect(Date.parse(body.expires_at)).toBeGreaterThan(Date.parse(body.server_time));
  expect(() => assertShape(WhoAmI, body)).not.toThrow();
});

it('tells a token who it is', async () => {
  const { token, token_id } = await app.token('viewer');
  const { body } = await ask(bearer(token));
  expect(body).toMatchObject({ actor: `token:${token_id}`, role: 'viewer', csrf_token: null, expires_at: null });
  expect(() => assertShape(WhoAmI, body)).not.toThrow();
});

it('tells it by the clock', async () => {
  const { token } = await app.token('viewer');
  const before = Date.now();
  const { server_time } = (await ask(bearer(token))).body;
  expect(Date.parse(server_time)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(server_time)).toBeLessThanOrEqual(Date.now());
});

it('tells nobody else', async () => expect(await ask({})).toMatchObject({ status: 401, body: { code: 'access.login-needed' } }));
