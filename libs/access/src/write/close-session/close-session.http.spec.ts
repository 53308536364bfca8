import type { Answered } from '@app/http/testing';
import { type Door, bearer, openAccess } from '../../../testing/door.js';

let door: Door;
beforeAll(async () => {
  door = await openAccess();
});
afterAll(() => door.close());

const close = (headers: Record<string, string>): Promise<Answered> => door.request('DELETE', 'session', { headers });
const look = (headers: Record<string, string>): Promise<Answered> => door.request('GET', 'sample', { headers });

it('ends the session at once and clears the cookie', async () => {
  const headers = await door.signIn('viewer');
  const { actor } = (await look(headers)).body;
  const answer = await close(headers);
  expect(answer).toMatchObject({ status: 204, text: '' });
  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^cb_session_inst-7f3q=; .*Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Strict$/),
  ]);
  expect(await look(headers)).toMatchObject({ status: 401 });
  expect(door.log.facts.at(-1)).toMatchObject({
    type: 'access.session.closed',
    actor,
    data: { session_id: actor.replace('session:', '') },
  });
});

it('ends no other session', async () => {
  const [one, other] = [await door.signIn(), await door.signIn()];
  await close(one);
  expect(await look(other)).toMatchObject({ status: 200 });
});

it('needs the X-CSRF-Token', async () => {
  const { cookie } = await door.signIn();
  expect(await close({ cookie })).toMatchObject({ status: 403, body: { code: 'access.csrf' } });
  expect(await look({ cookie })).toMatchObject({ status: 200 });
});

it('is over even when the log does not answer', async () => {
  const headers = await door.signIn();
  await look(headers);
  door.log.isDown = true;
  expect(await close(headers)).toMatchObject({ status: 503, body: { code: 'event-store.unavailable' } });
  door.log.isDown = false;
  expect(await look(headers)).toMatchObject({ status: 401 });
});

it('is not for service tokens', async () => {
  const { token } = await door.token('admin');
  expect(await close(bearer(token))).toMatchObject({ status: 409, body: { code: 'access.no-session' } });
  expect(await look(bearer(token))).toMatchObject({ status: 200 });
});
