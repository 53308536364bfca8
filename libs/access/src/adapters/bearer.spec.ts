import { Bearers } from './bearer.adapter.js';
import { KnownSecrets } from '../runtime/known-secrets.adapter.js';
import { hashOf, newSecret } from './secret.adapter.js';

it('bounds by address how many secrets that are not known here are looked up, and no caller who is known', async () => {
  const token = newSecret('token');
  const signIn = { actor: 'token:t-1', role: 'operator' as const, expires_at: null, caller_id: 't-1', bindings: [] };
  const secrets = new KnownSecrets({ inForce: async () => [{ hash: hashOf(token), signIn }] });
  await secrets.load();
  const bearers = new Bearers({} as never, secrets);
  const strangers = (address: string, times: number): number =>
    Array.from({ length: times }, () => bearers.admits(`Bearer ${newSecret('token')}`, address, 0)).filter(Boolean).length;
  expect([strangers('192.0.2.1', 300), strangers('192.0.2.1', 1), strangers('192.0.2.2', 1)]).toEqual([200, 0, 1]);
  expect([strangers('2001:db8::1', 300), strangers('2001:db8::2', 1)]).toEqual([200, 0]); // Of one network.
  expect(bearers.admits(undefined, '192.0.2.1', 0)).toBe(false);
  expect(bearers.admits(`Bearer ${token}`, '192.0.2.1', 0)).toBe(true);
});
