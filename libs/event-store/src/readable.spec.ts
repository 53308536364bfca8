import fc from 'fast-check';
import { readableHeader, readableJson } from './readable.js';

const plain = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');
function readable(value: unknown): unknown {
  if (typeof value === 'string') return plain(value);
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [plain(key), readable(of)]));
}
const anyText = fc
  .array(fc.oneof(fc.constantFrom('\0', '\ud83d', '\ude00', '🙂', '\\', '"', 'u0000', 'ud800', '\n'), fc.string({ unit: 'binary' })))
  .map((parts) => parts.join(''));
const anyJson = fc.jsonValue({ stringUnit: 'binary' }).chain((value) => fc.dictionary(anyText, fc.oneof(anyText, fc.constant(value))));
/** As another program may write it: each UTF-16 unit as an escape, with digits in capitals. */
const escaped = (text: string): string =>
  `"${Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).toUpperCase().padStart(4, '0')}`).join('')}"`;

it.each([
  ['{"note":"a\\u0000b"}', { note: 'a\ufffdb' }],
  ['{"note":"x\\ud800y"}', { note: 'x\ufffdy' }],
  ['{"note":"x\\uD800y"}', { note: 'x\ufffdy' }],
  ['{"note":"x\\uDC00\\ud800"}', { note: 'x\ufffd\ufffd' }],
  ['{"note":"\\ud83d\\ude00"}', { note: '😀' }],
  ['{"note":"\\u0041\\udc00"}', { note: 'A\ufffd' }],
  ['{"a\\u0000":{"\\udfff":[1,"\\u0000"]}}', { 'a\ufffd': { '\ufffd': [1, '\ufffd'] } }],
  ['{"note":"\\\\u0000 \\\\ud800 \\\\\\u0000"}', { note: '\\u0000 \\ud800 \\\ufffd' }],
  ['{"note":"\\u001b\\n"}', { note: '\u001b\n' }],
])('%s is read as %j', (stored, read) => expect(JSON.parse(readableJson(stored))).toEqual(read));

it('replaces NUL and half pairs, and nothing else, in keys and values at any depth', () => {
  fc.assert(
    fc.property(anyJson, (value) =>
      expect(JSON.parse(readableJson(JSON.stringify(value)))).toEqual(readable(JSON.parse(JSON.stringify(value)))),
    ),
    { numRuns: 500 },
  );
});

it('reads text that was written in escapes alone', () => {
  fc.assert(
    fc.property(anyText, (text) => expect(JSON.parse(readableJson(escaped(text)))).toBe(plain(text))),
    { numRuns: 500 },
  );
});

it('leaves text without those escapes as it is, and malformed JSON malformed', () => {
  for (const text of ['{"note":"grün 🙂 \\n \\u001f"}', '{"note":"\\u00', '\\', '{"a":"\\ud8']) expect(readableJson(text)).toBe(text);
});

it('replaces NUL in headers', () => {
  expect(readableHeader('token:\0 1')).toBe('token:\ufffd 1');
  expect(readableHeader('token:1')).toBe('token:1');
});
