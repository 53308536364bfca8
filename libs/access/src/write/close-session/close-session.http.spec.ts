import type { Answered } from '@app/http/testing';
import { type TestApp, bearer, openAccess } from '../../../testing/access-app.js';

let app: TestApp;
beforeAll(async () => {
  app = await openAccess();
});
afterAll(() => app.close());

const close = (headers: Record<string, string>): Promise<Answered> => app.request('DELETE', 'session', { headers });
const look = (headers: Record<string, string>): Promise<Answered> => app.request('GET', 'sample', { headers });

it('ends the session at once and clears the cookie', async () => {
  const headers = await app.signIn('viewer');
  const { actor } = (await look(headers)).body;
  const answer = await close(headers);
  expect(answer).toMatchObject({ status: 204, text: '' });
  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^cb_session_inst-7f3q=; .*Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Strict$/),
  ]);
  expect(await look(headers)).toMatchObject({ status: 401 });
  expect(app.log.facts.at(-1)).toMatchObject({
    type: 'access.session.closed',
    actor,
    data: { session_id: actor.replace('session:', '') },
  });
});

it('ends no other session', async () => {
  const [one, other] = [await app.signIn(), await app.signIn()];
  await close(one);
  expect(await look(other)).toMatchObject({ status: 200 });
});

it('needs the X-CSRF-Token', async () => {
  const { cookie } = await app.signIn();
  expect(await close({ cookie })).toMatchObject({ status: 403, body: { code: 'access.csrf' } });
  expect(await look({ cookie })).toMatchObject({ status: 200 });
});

it('is over even when the log does not answer', async () => {
  const headers = await app.signIn();
  await look(headers);
  app.log.isDown = true;
  expect(await close(headers)).toMatchObject({ status: 503, body: { code: 'event-store.unavailable' } });
  app.log.isDown = false;
  expect(await look(headers)).toMatchObject({ status: 401 });
});

it('is not for service tokens', async () => {
  const { token } = await app.token('admin');
  expect(await close(bearer(token))).toMatchObject({ status: 409, body: { code: 'access.no-session' } });
  expect(await look(bearer(token))).toMatchObject({ status: 200 });
});
