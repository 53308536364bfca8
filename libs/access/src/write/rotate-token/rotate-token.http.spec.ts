import type { Answered } from '@app/http/testing';
import { OutcomeUnknown } from '@app/event-store';
import { type Instant, assertShape } from '@app/kernel';
import { type TestApp, bearer, openAccess } from '../../../testing/access-app.js';
import { hashOf } from '../../adapters/secret.adapter.js';
import { IssuedToken } from '../../issued-token.view.js';

let app: TestApp;
let admin: Record<string, string>;
beforeAll(async () => {
  app = await openAccess();
  admin = await app.signIn('admin');
});
afterAll(() => app.close());
let before: number;
beforeEach(() => void (before = app.log.facts.length));
const written = () => app.log.facts.slice(before);

const BINDINGS = [{ peer_id: 'peer-1', agent: 'travel', method_class: 'send' }];
const ask = { name: 'travel', role: 'caller', expires_in_days: 90, bindings: BINDINGS };
const issue = async (more: object = {}): Promise<{ token: string; token_id: string }> =>
  (await app.request('POST', 'tokens', { headers: admin, body: { ...ask, ...more } })).body;
const rotate = (tokenId: string, body: object = {}, headers: Record<string, string> = {}): Promise<Answered> =>
  app.request('POST', `tokens/${tokenId}/rotate`, { headers: { ...admin, ...headers }, body });
const whoami = async (token: string): Promise<number> => (await app.request('GET', 'session', { headers: bearer(token) })).status;
const rows = (tokenId: string): Promise<Record<string, unknown>[]> =>
  app.db.query('SELECT * FROM private.service_token WHERE token_id = $1', [tokenId]);

it('shows a new token of the same caller, and the old one opens nothing', async () => {
  const old = await issue();
  expect(await whoami(old.token)).toBe(200);
  const { status, headers, body } = await rotate(old.token_id);
  expect([status, headers.get('cache-control')]).toEqual([202, 'no-store']);
  expect(() => assertShape(IssuedToken, body)).not.toThrow();
  expect([await whoami(old.token), await whoami(body.token)]).toEqual([401, 200]);
  expect(await rows(old.token_id)).toEqual([]);
  expect(await rows(body.token_id)).toMatchObject([
    { hash: hashOf(body.token), name: 'travel', role: 'caller', caller_id: old.token_id, bindings: BINDINGS },
  ]);
  const [issued, rotated, next] = written();
  expect(rotated).toMatchObject({
    type: 'access.token.rotated',
    data: { token_id: old.token_id, next_token_id: body.token_id, ends_at: null },
  });
  const was = issued!.data as { token_id: string; expires_at: string };
  expect(next).toMatchObject({
    type: 'access.token.issued',
    data: { token_id: body.token_id, name: 'travel', role: 'caller', caller_id: was.token_id, bindings: BINDINGS },
  });
  const days = (Date.parse((next!.data as typeof was).expires_at) - Date.now()) / (24 * 3_600_000);
  expect([days > 89.99, days <= 90]).toEqual([true, true]);
});

it('keeps the caller over any number of rotations', async () => {
  const first = await issue({ expires_in_days: null });
  const second = (await rotate(first.token_id)).body;
  const third = (await rotate(second.token_id)).body;
  expect(await rows(third.token_id)).toMatchObject([{ caller_id: first.token_id, expires_at: null }]);
  expect([await whoami(second.token), await whoami(third.token)]).toEqual([401, 200]);
});

it('lets the old token go on for the overlap, and not for longer', async () => {
  const old = await issue();
  const { body } = await rotate(old.token_id, { overlap_minutes: 60 });
  expect([await whoami(old.token), await whoami(body.token)]).toEqual([200, 200]);
  const { ends_at } = written()[1]!.data as { ends_at: string };
  const minutes = (Date.parse(ends_at) - Date.now()) / 60_000;
  expect([minutes > 59, minutes <= 60]).toEqual([true, true]);
  expect(await rows(old.token_id)).toMatchObject([{ expires_at: ends_at }]);
});

it('does not let the old token go on for longer than it would have', async () => {
  const old = await issue({ expires_in_days: 1 });
  const { expires_at } = written()[0]!.data as { expires_at: Instant };
  await rotate(old.token_id, { overlap_minutes: 1_440 });
  const { ends_at } = written()[1]!.data as { ends_at: string };
  expect(Date.parse(ends_at)).toBeLessThanOrEqual(Date.parse(expires_at));
  expect(await rows(old.token_id)).toMatchObject([{ expires_at: ends_at }]);
});

it('answers another new token under the same id to the same request, and the one before opens nothing', async () => {
  const key = { 'idempotency-key': 'again' };
  const old = await issue();
  const first = (await rotate(old.token_id, {}, key)).body;
  const { status, body } = await rotate(old.token_id, {}, key);
  expect([status, body.token_id, body.position]).toEqual([202, first.token_id, first.position]);
  expect([await whoami(old.token), await whoami(first.token), await whoami(body.token)]).toEqual([401, 401, 200]);
  expect(written()).toHaveLength(3);
  expect(await rotate(old.token_id, {}, key)).toMatchObject({ status: 409, body: { code: 'access.token-exists' } }); // It was used.
});

it.each(['before', 'after'] as const)('rotates once though it was cut off %s its facts were written', async (when) => {
  const key = { 'idempotency-key': `cut-${when}` };
  const old = await issue();
  app.log[when] = () => {
    app.log[when] = () => undefined;
    throw new OutcomeUnknown('c1');
  };
  expect(await rotate(old.token_id, {}, key)).toMatchObject({ status: 503, body: { code: 'event-store.outcome-unknown' } });
  const { status, body } = await rotate(old.token_id, {}, key);
  expect(status).toBe(202);
  expect([await whoami(old.token), await whoami(body.token)]).toEqual([401, 200]);
  expect(written().map(({ type }) => type)).toEqual(['access.token.issued', 'access.token.rotated', 'access.token.issued']);
});

it('leaves the old token as it is when the log does not answer', async () => {
  const old = await issue();
  app.log.isDown = true;
  expect(await rotate(old.token_id)).toMatchObject({ status: 503 });
  app.log.isDown = false;
  expect(await whoami(old.token)).toBe(200);
  expect(await app.db.query(`SELECT * FROM private.service_token WHERE caller_id = $1`, [old.token_id])).toHaveLength(1);
});

it('revokes the old token and the new one apart from each other', async () => {
  const old = await issue();
  const { body } = await rotate(old.token_id, { overlap_minutes: 60 });
  expect(await app.request('POST', `tokens/${old.token_id}/revoke`, { headers: admin })).toMatchObject({ status: 202 });
  expect([await whoami(old.token), await whoami(body.token)]).toEqual([401, 200]);
});

it('refuses a token that nobody issued, that was revoked, and that was rotated before', async () => {
  expect(await rotate('11111111-1111-4111-8111-111111111111')).toMatchObject({ status: 404, body: { code: 'access.token-unknown' } });
  const [revoked, rotated] = [await issue(), await issue()];
  await app.request('POST', `tokens/${revoked.token_id}/revoke`, { headers: admin });
  await rotate(rotated.token_id, { overlap_minutes: 60 });
  for (const { token_id } of [revoked, rotated])
    expect(await rotate(token_id)).toMatchObject({ status: 409, body: { code: 'access.token-not-in-force', facts: { token_id } } });
});

it.each(['viewer', 'operator'] as const)('is not for %ss', async (role) => {
  const { token } = await app.token(role);
  expect(await app.request('POST', 'tokens/t-1/rotate', { headers: bearer(token), body: {} })).toMatchObject({ status: 403 });
});

it.each([{ overlap_minutes: 1_441 }, { overlap_minutes: -1 }, { overlap_minutes: 0.5 }, { overlap_minutes: null }, { role: 'admin' }])(
  'does not understand %j',
  async (body) => {
    const answer = await rotate('t-1', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'http.invalid' } });
    expect(answer.body.errors[0].field).toBe(Object.keys(body)[0]);
  },
);

it('does not repeat a token that was sent in place of its id', async () => {
  const { status, text } = await rotate(`cb_srv_${'a'.repeat(43)}`);
  expect([status, text.includes('aaaa')]).toEqual([400, false]);
});
