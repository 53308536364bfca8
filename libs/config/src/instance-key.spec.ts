import { isSignedText, keyFingerprint, makeKeyPair, publicKeyOf, signText } from './instance-key.js';

const mine = makeKeyPair();
const other = makeKeyPair();

it('makes another key each time, of 32 bytes', () => {
  expect(mine.publicKey).not.toBe(other.publicKey);
  expect(Buffer.from(mine.publicKey, 'base64url')).toHaveLength(32);
  expect(publicKeyOf(mine.privateKey)).toBe(mine.publicKey);
});

it('verifies what the key signed, and no other text, key or signature', () => {
  const signature = signText(mine.privateKey, 'text');
  expect(isSignedText(mine.publicKey, 'text', signature)).toBe(true);
  expect(isSignedText(mine.publicKey, 'another text', signature)).toBe(false);
  expect(isSignedText(other.publicKey, 'text', signature)).toBe(false);
  expect(isSignedText(mine.publicKey, 'text', signText(other.privateKey, 'text'))).toBe(false);
});

it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(5_000), '\u0000'])(
  'takes a key or a signature that is none for one that signed nothing',
  (junk) => {
    expect(isSignedText(junk, 'text', signText(mine.privateKey, 'text'))).toBe(false);
    expect(isSignedText(mine.publicKey, 'text', junk)).toBe(false);
  },
);

/** Facts keep it for ever, and the operator of another release compares with it. RFC 8032, test 1: the hash is that of sha256sum. */
it('gives a key the same fingerprint for ever', () => {
  const publicKey = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex').toString('base64url');
  expect(keyFingerprint(publicKey)).toBe('21fe-31df-a154-a261-626b-f854-046f-d227');
});
