import type { Answered } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import { type Door, bearer, openAccess } from '../../../testing/door.js';
import { WhoAmI } from './who-am-i.view.js';

let door: Door;
beforeAll(async () => {
  door = await openAccess();
});
afterAll(() => door.close());

const ask = (headers: Record<string, string>): Promise<Answered> => door.request('GET', 'session', { headers });

it('tells a session who it is and what to send as X-CSRF-Token', async () => {
  const { cookie, 'x-csrf-token': csrf_token } = await door.signIn('operator');
  const { status, headers, body } = await ask({ cookie });
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body).toMatchObject({ actor: expect.stringMatching(/^session:/), role: 'operator', csrf_token, instance_id: 'inst-7f3q' });
  expect(Date.parse(body.expires_at)).toBeGreaterThan(Date.parse(body.server_time));
  expect(() => assertShape(WhoAmI, body)).not.toThrow();
});

it('tells a token who it is', async () => {
  const { token, token_id } = await door.token('viewer');
  const { body } = await ask(bearer(token));
  expect(body).toMatchObject({ actor: `token:${token_id}`, role: 'viewer', csrf_token: null, expires_at: null });
  expect(() => assertShape(WhoAmI, body)).not.toThrow();
});

it('tells it by the clock', async () => {
  const { token } = await door.token('viewer');
  const before = Date.now();
  const { server_time } = (await ask(bearer(token))).body;
  expect(Date.parse(server_time)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(server_time)).toBeLessThanOrEqual(Date.now());
});

it('tells nobody else', async () => expect(await ask({})).toMatchObject({ status: 401, body: { code: 'access.login-needed' } }));
