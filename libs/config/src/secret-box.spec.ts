import { createDecipheriv, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { SealBroken, SecretBox } from './secret-box.js';

const key = randomBytes(32);
const box = new SecretBox(key);
const secret = fc.string({ unit: 'grapheme', maxLength: 512 });
const name = fc.string({ minLength: 1, maxLength: 64 });

it('opens what it sealed, under the same name', () => {
  fc.assert(fc.property(secret, name, (text, as) => expect(box.open(box.seal(text, as), as)).toBe(text)));
});

it('opens under no other name', () => {
  fc.assert(
    fc.property(secret, name, name, (text, as, other) => {
      fc.pre(as !== other);
      expect(() => box.open(box.seal(text, as), other)).toThrow(SealBroken);
    }),
  );
});

it('opens nothing of which one character changed, or is missing', () => {
  const sealed = box.seal('correct horse battery staple', 'peer-1');
  for (let i = 0; i < sealed.length; i++) {
    const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'Q' : 'A') + sealed.slice(i + 1);
    expect(() => box.open(changed, 'peer-1')).toThrow(SealBroken);
    expect(() => box.open(sealed.slice(0, i), 'peer-1')).toThrow(SealBroken);
  }
});

it('opens nothing another key sealed, and says so without the secret', () => {
  const sealed = new SecretBox(randomBytes(32)).seal('correct horse battery staple', 'peer-1');
  expect(() => box.open(sealed, 'peer-1')).toThrow(/peer-1 cannot be opened: sealed with another key/);
});

it('never seals twice alike', () => {
  expect(box.seal('same', 'peer-1')).not.toBe(box.seal('same', 'peer-1'));
});

it('is AES-256-GCM as anybody else has it: nonce, ciphertext, tag', () => {
  const sealed = box.seal('correct horse battery staple', 'peer-1');
  expect(sealed).toMatch(/^v1\./);
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
    .setAAD(Buffer.from('peer-1'))
    .setAuthTag(bytes.subarray(-16));
  expect(decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')).toBe('correct horse battery staple');
});

it.each([0, 16, 31, 33])('takes no key of %i bytes', (length) => {
  expect(() => new SecretBox(new Uint8Array(length))).toThrow(RangeError);
});

it('shows nothing of its key when it is logged', () => {
  const shown = inspect(box, { depth: null, showHidden: true });
  expect(shown).not.toContain(key.toString('hex'));
  expect(shown).not.toContain(key.toString('base64'));
  expect(shown).not.toMatch(/Uint8Array|Buffer/);
});
