import fc from 'fast-check';
import { METHOD_LENGTH, REF_LENGTH, callText } from './call-text.js';

it.each([
  ['SendMessage', 'SendMessage'],
  ['', null],
  [null, null],
  ['a\nb\u0000', 'a b\uFFFD'],
  ['\ud800x', '\uFFFDx'],
  ['x'.repeat(64), 'x'.repeat(64)],
  ['x'.repeat(65), `${'x'.repeat(63)}…`],
  ['🙂'.repeat(65), `${'🙂'.repeat(63)}…`],
])('%j is held as %j', (text, held) => expect(callText(text, METHOD_LENGTH)).toBe(held));

it('holds what its field takes, whatever was written', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 600 }), (text) =>
      expect(callText(text, REF_LENGTH)).toMatch(/^\P{Cc}{1,256}$/u),
    ),
  );
});

it('does not read through what is megabytes long', () => {
  expect(callText('🙂'.repeat(500_000), REF_LENGTH)).toHaveLength(2 * 255 + 1);
});
