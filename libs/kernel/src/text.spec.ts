import { Ajv2020 } from 'ajv/dist/2020.js';
import { ArrayMaxSize } from 'class-validator';
import fc from 'fast-check';
import { InvalidShape, IsName, IsText, assertShape, jsonSchemaOf, plainName, plainText, visibleText } from '@app/kernel';

class Said {
  @IsText(8) text: string;
  @IsText(8, { lines: true }) lines: string;
  @IsName(8) name: string;
  @IsName(8, { trimmed: true }) label: string;
  @ArrayMaxSize(1) @IsText(8, { each: true }) list: string[];
}
type Field = keyof Said;
const good: Said = { text: '', lines: '', name: 'a', label: 'a', list: [] };
const said = (field: Field, value: string): Said => ({ ...good, [field]: field === 'list' ? [value] : value });

function takes(field: Field, value: string): boolean {
  try {
    assertShape(Said, said(field, value));
    return true;
  } catch (error) {
    if (!(error instanceof InvalidShape)) throw error;
    expect(error.violations.map((violation) => violation.field)).toEqual([field]);
    return false;
  }
}
const FIELDS: readonly Field[] = ['text', 'lines', 'name', 'label', 'list'];
/** The texts of this file are of any kind: the rarest characters as often as the common ones. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom('\0', '\t', '\n', '\u0085', '\u2028', '\u202e', '\u200d', '\u200c', '\ufeff', '\ufe0f', '\ud800', '\udc00', ' '),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom('a', 'م', '👩', '🏽', '\ufffe'),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('a field of text', () => {
  it.each<[string, readonly Field[]]>([
    ['plain', FIELDS],
    ['x'.repeat(8), FIELDS],
    ['x'.repeat(9), []],
    ['🙂'.repeat(8), FIELDS],
    ['🙂'.repeat(9), []],
    ['a\u0000b', []],
    ['a\u001bb', []],
    ['a\u0085b', []],
    ['x\ud800y', []],
    ['x\udc00', []],
    ['a\nb\tc', ['lines']],
    ['a\vb', []],
    ['', ['text', 'lines', 'list']],
    [' a', ['text', 'lines', 'name', 'list']],
    ['a ', ['text', 'lines', 'name', 'list']],
    ['a\u202eb', ['text', 'lines', 'list']],
    ['a\u2066b', ['text', 'lines', 'list']],
    ['a\u200bb', ['text', 'lines', 'list']],
    ['a\ufeffb', ['text', 'lines', 'list']],
    ['a\u2028b', ['text', 'lines', 'list']],
    ['a\u200d', ['text', 'lines', 'list']],
    ['\u200ca', ['text', 'lines', 'list']],
    ['a \u200d b', ['text', 'lines', 'list']],
    ['\ufe0f', ['text', 'lines', 'list']],
    ['👩🏽‍💻', FIELDS],
    ['❤️‍🔥', FIELDS],
    ['1️⃣', FIELDS],
    ['می‌خواهم', FIELDS],
    ['عربي', FIELDS],
    ['\ufffe\ufdd0', FIELDS],
  ])('%j is taken by: %j', (value, by) => expect(FIELDS.filter((field) => takes(field, value))).toEqual(by));

  it.each([null, 7, {}, ['a']])('does not take %j, which is no text', (value) =>
    expect(() => assertShape(Said, { ...good, text: value })).toThrow('text must be text of at most 8 characters'),
  );

  it('is described by a schema that takes the same', () => {
    const conforms = new Ajv2020({ strict: true }).compile(jsonSchemaOf(Said));
    fc.assert(
      fc.property(fc.constantFrom(...FIELDS), anyText, (field, value) => {
        expect([field, value, conforms(said(field, value))]).toEqual([field, value, takes(field, value)]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is decided on in a time that grows with its length only', () => {
    const long = `${'a\u200d'.repeat(200_000)}\0`;
    expect(FIELDS.filter((field) => takes(field, long))).toEqual([]);
    expect(plainName(long, 500_000)).toHaveLength(long.length);
  });
});

describe('plainText', () => {
  it.each([
    ['valid', 8, 'valid'],
    ['', 8, ''],
    ['a\nb\tc', 8, 'a b c'],
    ['a\u2028b', 8, 'a b'],
    ['a\0\u001b', 8, 'a\ufffd\ufffd'],
    ['\ud800x', 8, '\ufffdx'],
    ['x'.repeat(9), 8, `${'x'.repeat(7)}…`],
    ['🙂'.repeat(8), 8, '🙂'.repeat(8)],
    ['🙂'.repeat(9), 8, `${'🙂'.repeat(7)}…`],
  ])('%j within %i is %j', (value, max, expected) => expect(plainText(value, max)).toBe(expected));

  it('answers what the field takes, and leaves valid text alone', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const plain = plainText(value, 8);
        expect([value, takes('text', plain)]).toEqual([value, true]);
        expect(plainText(plain, 8)).toBe(plain);
        if (takes('text', value) && !/[\u2028\u2029]/.test(value)) expect(plain).toBe(value);
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not read through text of megabytes', () => {
    expect(plainText('🙂'.repeat(500_000), 256)).toHaveLength(2 * 255 + 1);
  });
});

describe('plainName', () => {
  it.each([
    ['a\u202eb', 'a\ufffdb'],
    ['a\u200bb', 'a\ufffdb'],
    ['\u200da', '\ufffda'],
    ['👩🏽‍💻', '👩🏽‍💻'],
    ['می‌خوا', 'می‌خوا'],
  ])('makes %j to %j', (value, expected) => expect(plainName(value, 8)).toBe(expected));

  it('answers what the field takes, and leaves valid names alone', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const plain = plainName(value, 8);
        expect([value, takes('name', plain)]).toEqual([value, value !== '']);
        expect(plainName(plain, 8)).toBe(plain);
        if (takes('name', value)) expect(plain).toBe(value);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('visibleText', () => {
  it.each([
    ['Lis\u202ebon', 'Lis<U+202E>bon'],
    ['ad\u200bmin\u2060\ufeff', 'ad<U+200B>min<U+2060><U+FEFF>'],
    ['a\u0000b\u001b[2J\u009b', 'a<U+0000>b<U+001B>[2J<U+009B>'],
    ['\ud800x', '<U+D800>x'],
    ['\u{e0041}', '<U+E0041>'],
    ['two\nlines\tand\r\n\u2028', 'two\nlines\tand\r\n<U+2028>'],
    ['👩‍💻 ❤️ می‌خواهم', '👩‍💻 ❤️ می‌خواهم'],
    ['a\u200d b', 'a<U+200D> b'],
  ])('shows %j as %j', (value, expected) => expect(visibleText(value)).toBe(expected));

  it('shows a valid name as it is, and what it shows is a name', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const seen = visibleText(value);
        expect(visibleText(seen)).toBe(seen);
        if (!/[\t\n\r]/.test(value)) expect(plainName(seen, 1_000)).toBe(seen);
        if (takes('name', value)) expect(seen).toBe(value);
      }),
    );
  });
});
