import { fingerprintOf, makeSecret } from './peer-secrets.provider.js';

it('makes secrets of 32 random bytes', () => {
  const made = Array.from({ length: 100 }, makeSecret);
  expect(new Set(made).size).toBe(100);
  for (const secret of made) {
    expect(secret).toMatch(/^cbfs_[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(secret.slice(5), 'base64url')).toHaveLength(32);
  }
});

/** Facts keep it for ever, and the other side may be of another release: it is pinned to what another scrypt (Python's) makes of it. */
it('fingerprints a secret the same way for ever', async () => {
  expect(await fingerprintOf('correct horse battery staple')).toBe('c94c-4036-6dd3-9273');
});

it('fingerprints another secret otherwise', async () => {
  expect(await fingerprintOf('correct horse battery stapler')).not.toBe(await fingerprintOf('correct horse battery staple'));
});
