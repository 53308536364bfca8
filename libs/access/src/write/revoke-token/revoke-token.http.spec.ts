import type { Answered } from '@app/http/testing';
import { type TestApp, bearer, openAccess } from '../../../testing/access-app.js';
import { OwedRevocations } from './owed-revocations.provider.js';
import { newSecret } from '../../adapters/secret.adapter.js';

let app: TestApp;
let admin: Record<string, string>;
beforeAll(async () => {
  app = await openAccess();
  admin = await app.signIn('admin');
});
afterAll(() => app.close());

const revoke = (tokenId: string, headers = admin): Promise<Answered> => app.request('POST', `tokens/${tokenId}/revoke`, { headers });
const look = (token: string): Promise<Answered> => app.request('GET', 'sample', { headers: bearer(token) });
const revocations = (tokenId: string): object[] =>
  app.log.facts.filter(({ type, subject }) => type === 'access.token.revoked' && subject === `facts.access.token.${tokenId}`);

it('ends the token at once, also where it was in use a moment ago', async () => {
  const { token, token_id } = await app.token('viewer');
  expect(await look(token)).toMatchObject({ status: 200 });
  expect(await revoke(token_id)).toMatchObject({ status: 202, body: { position: `f${app.log.facts.length}` } });
  expect(await look(token)).toMatchObject({ status: 401, body: { code: 'access.login-needed' } });
  expect(revocations(token_id)).toMatchObject([{ data: { token_id } }]);
});

it('may be asked twice, and is written once', async () => {
  const { token_id } = await app.token('viewer');
  expect(await revoke(token_id)).toMatchObject({ status: 202 });
  expect(await revoke(token_id)).toMatchObject({ status: 202 });
  expect(revocations(token_id)).toHaveLength(1);
});

it('counts before the log has answered; asked again, it is also written', async () => {
  const { token, token_id } = await app.token('viewer');
  await look(token);
  app.log.isDown = true;
  expect(await revoke(token_id)).toMatchObject({ status: 503, body: { code: 'event-store.unavailable' } });
  expect(await look(token)).toMatchObject({ status: 401 });
  app.log.isDown = false;
  expect(await revoke(token_id)).toMatchObject({ status: 202 });
  expect(revocations(token_id)).toHaveLength(1);
});

it('is written when the log takes it again, without being asked again', async () => {
  const { token_id } = await app.token('viewer');
  app.log.isDown = true;
  expect(await revoke(token_id)).toMatchObject({ status: 503 });
  app.log.isDown = false;
  const owed = app.app.get(OwedRevocations);
  await owed.run();
  await owed.run();
  expect(revocations(token_id)).toMatchObject([{ data: { token_id }, actor: expect.stringMatching(/^session:/) }]);
});

it('does not say it is done while PostgreSQL does not answer', async () => {
  const { token, token_id } = await app.token('viewer');
  await look(token);
  app.postgres.cut();
  expect(await revoke(token_id)).toMatchObject({ status: 503, body: { code: 'access.unavailable' } });
  app.postgres.mend();
  expect(revocations(token_id)).toEqual([]);
  expect(await look(token)).toMatchObject({ status: 200 });
});

it('ends no other token', async () => {
  const [one, other] = [await app.token('viewer'), await app.token('viewer')];
  await revoke(one.token_id);
  expect(await look(other.token)).toMatchObject({ status: 200 });
});

it('lets an admin token end itself', async () => {
  const { token, token_id } = await app.token('admin');
  expect(await revoke(token_id, bearer(token))).toMatchObject({ status: 202 });
  expect(await look(token)).toMatchObject({ status: 401 });
});

it('does not know a token nobody issued', async () => {
  expect(await revoke('t-9')).toMatchObject({ status: 404, body: { code: 'access.token-unknown', facts: { token_id: 't-9' } } });
});

it.each(['t.*', newSecret('token')])('does not understand %s, which is no id', async (tokenId) => {
  expect(await revoke(tokenId)).toMatchObject({ status: 400, body: { code: 'http.invalid', errors: [{ field: 'token_id' }] } });
});

it.each(['viewer', 'operator'] as const)('is not for %ss', async (role) => {
  const { token, token_id } = await app.token('viewer');
  expect(await revoke(token_id, await app.signIn(role))).toMatchObject({ status: 403, body: { code: 'access.denied' } });
  expect(await look(token)).toMatchObject({ status: 200 });
});
