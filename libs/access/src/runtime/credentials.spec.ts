import { type TestApp, openAccess } from '../../testing/access-app.js';
import { Credentials } from './credentials.adapter.js';
import { hashOf, newSecret } from '../adapters/secret.adapter.js';

let app: TestApp;
let credentials: Credentials;
beforeAll(async () => {
  app = await openAccess();
  credentials = app.app.get(Credentials);
});
afterAll(() => app.close());

const ANY = { peer_id: null, agent: null, method_class: null };

it.each([
  ['viewer', []],
  ['operator', [ANY]],
  ['admin', [ANY]],
])('takes a row of an earlier release for a caller of its own, which its role binds: %s', async (role, bindings) => {
  const hash = hashOf(newSecret('token'));
  await app.db.query('INSERT INTO private.service_token (token_id, hash, name, role) VALUES ($1, $2, $3, $4)', [
    `t-${role}`,
    hash,
    'old',
    role,
  ]);
  const signIn = { actor: `token:t-${role}`, role, expires_at: null, caller_id: `t-${role}`, bindings };
  expect(await credentials.find('token', hash)).toEqual(signIn);
  expect(await credentials.inForce(`token:t-${role}`)).toEqual([{ hash, signIn }]);
});

it('finds a caller with its bindings, and a session without any', async () => {
  const { token, token_id } = await app.token('caller');
  expect(await credentials.find('token', hashOf(token))).toMatchObject({ role: 'caller', caller_id: token_id, bindings: [ANY] });
  const { cookie } = await app.signIn('admin');
  expect(await credentials.find('session', hashOf(cookie.split('=')[1] ?? ''))).toMatchObject({ caller_id: null, bindings: [] });
});
