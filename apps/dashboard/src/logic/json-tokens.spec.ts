import fc from 'fast-check';
import { tokensOf } from './json-tokens.js';

it('tells names, texts, numbers and words apart', () => {
  const kinds = tokensOf({ 'a "b"': 'true 1', n: -1.5e-3, t: null }).filter(({ kind }) => kind !== 'plain');
  expect(kinds).toEqual([
    { kind: 'key', text: '"a \\"b\\""' },
    { kind: 'string', text: '"true 1"' },
    { kind: 'key', text: '"n"' },
    { kind: 'number', text: '-0.0015' },
    { kind: 'key', text: '"t"' },
    { kind: 'word', text: 'null' },
  ]);
});

it('loses nothing of the text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(
        tokensOf(value)
          .map(({ text }) => text)
          .join(''),
      ).toBe(JSON.stringify(value, null, 2));
    }),
  );
});
