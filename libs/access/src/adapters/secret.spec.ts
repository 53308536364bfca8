import { csrfTokenOf, hashOf, kindOf, newSecret, sameSecret } from './secret.adapter.js';

it.each([
  ['token', /^cb_srv_[A-Za-z0-9_-]{43}$/],
  ['session', /^cb_ses_[A-Za-z0-9_-]{43}$/],
  ['login', /^cb_login_[A-Za-z0-9_-]{43}$/],
] as const)('a %s has its form and is never the same', (kind, form) => {
  const [one, other] = [newSecret(kind), newSecret(kind)];
  expect(one).toMatch(form);
  expect(one).not.toBe(other);
});

it('tells them apart by their form', () => {
  expect([kindOf(newSecret('token')), kindOf(newSecret('session')), kindOf(newSecret('login'))]).toEqual(['token', 'session', null]);
});

it('hashes with SHA-256', () => {
  expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'); // FIPS 180-2, B.1
});

it('derives one X-CSRF-Token from one session, and not by hashing alone', () => {
  const secret = newSecret('session');
  expect(csrfTokenOf(secret)).toBe(csrfTokenOf(secret));
  expect(csrfTokenOf(secret)).not.toBe(csrfTokenOf(newSecret('session')));
  expect(csrfTokenOf(secret)).not.toBe(hashOf(secret));
});

it.each([
  ['abc', 'abc', true],
  ['abc', 'abd', false],
  ['abc', 'ab', false],
  ['', 'abc', false],
  ['ä', 'ab', false], // As many bytes.
])('%j is %j: %s', (one, other, same) => expect(sameSecret(one, other)).toBe(same));
