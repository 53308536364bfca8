import fc from 'fast-check';
import { cut, json, plain, widthOf } from './plain.js';
import { colourless, details, inColour, table } from './table.js';
import { age, ago, bar, instant, lag, lately, latency, span, state, why } from './words.js';

const NOW = '2026-11-22T10:03:12.000Z';
const at = (seconds: number): string => new Date(Date.parse(NOW) - seconds * 1000).toISOString();

describe('plain', () => {
  it.each([
    ['a\tb\r\nc', 'a b c'],
    ['\u001b[31mred\u001b[0m', '<U+001B>[31mred<U+001B>[0m'],
    ['\u009b2J\u0000\u007f\b', '<U+009B>2J<U+0000><U+007F><U+0008>'],
    ['user\u202egnp.exe\u2066\u200b\u2028x', 'user<U+202E>gnp.exe<U+2066><U+200B> x'],
    ['Zürich 東京 🦞', 'Zürich 東京 🦞'],
  ])('%j is %j', (text, shown) => expect(plain(text)).toBe(shown));

  it('never lets a control or an invisible character through, and changes nothing twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = plain(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]|[^\P{Default_Ignorable_Code_Point}\p{Variation_Selector}\u200C\u200D]/u);
        expect(plain(shown)).toBe(shown);
      }),
    );
  });
});

it('json loses nothing, and holds nothing a terminal acts on', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const written = json({ [text]: [text] });
      expect(JSON.parse(written)).toEqual({ [text]: [text] });
      expect(written).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

describe('width', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['東京', 4],
    ['🦞', 2],
    ['e\u0301', 1],
    ['● green', 7],
  ])('of %j is %i', (text, cells) => expect(widthOf(text)).toBe(cells));

  it('is kept by a cut, which leaves short text alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, width) => {
        const shown = plain(text);
        expect(widthOf(cut(shown, width))).toBeLessThanOrEqual(width);
        expect(cut(shown, width) === shown).toBe(widthOf(shown) <= width);
      }),
    );
    expect(cut('東京都', 5)).toBe('東京…');
    expect(cut('東京都', 4)).toBe('東…');
    expect(cut('one two', 5)).toBe('one…');
  });
});

describe('table', () => {
  const columns = [
    { head: 'NAME', least: 6 },
    { head: 'N', right: true as const },
    { head: 'WHY', least: 5 },
  ];
  const rows = [
    ['a long name', '7', 'for a long reason'],
    ['東京', '1000', ''],
  ];

  it('lines up by cells, without trailing blanks', () =>
    expect(table(columns, rows, { paint: colourless, columns: undefined })).toEqual([
      'NAME            N  WHY',
      'a long name     7  for a long reason',
      '東京         1000  -',
    ]));

  it('leaves spare columns out, the lowest first, where the rest cannot be made narrow enough', () => {
    const spare = [{ head: 'NAME', spare: 2 }, { head: 'N' }, { head: 'WHY', least: 5, spare: 1 }];
    const heads = (width: number) => table(spare, rows, { paint: colourless, columns: width })[0]!.split(/\s+/);
    expect([heads(24), heads(20), heads(10), heads(1)]).toEqual([['NAME', 'N', 'WHY'], ['NAME', 'N'], ['N'], ['N']]);
  });

  it('lets the last column give way first, none below its least, and those without one never', () => {
    const drawn = (width: number) => table(columns, rows, { paint: colourless, columns: width })[1];
    expect(drawn(30)).toBe('a long name     7  for a long…');
    expect(drawn(20)).toBe('a long…     7  for…');
    expect(drawn(10)).toBe('a lon…     7  for…');
  });

  it('never cuts a sentence: it stands under its row where the table is too wide', () => {
    const told = [
      { head: 'NAME', least: 6 },
      { head: 'N', right: true as const },
      { head: 'WHY', below: true as const },
    ];
    expect(table(told, rows, { paint: colourless, columns: 37 })).toEqual(table(columns, rows, { paint: colourless, columns: 37 }));
    expect(table(told, rows, { paint: colourless, columns: 20 })).toEqual([
      'NAME            N',
      'a long name     7',
      '  for a long reason',
      '東京         1000',
    ]);
    expect(table(told, rows, { paint: colourless, columns: 14 })).toEqual([
      'NAME         N',
      'a long…      7',
      '  for a long',
      '  reason',
      '東京      1000',
    ]);
  });

  it('paints the words and not the blanks around them', () =>
    expect(table([{ head: 'A' }, { head: 'B' }], [[{ text: 'x', colour: 'red' }, 'y']], { paint: inColour, columns: 80 })).toEqual([
      '\u001b[1mA\u001b[0m  \u001b[1mB\u001b[0m',
      '\u001b[31mx\u001b[0m  y',
    ]));

  it('shows a hole where the server left one', () => {
    expect(table([{ head: 'A' }], [[undefined as never], [null as never], []], { paint: colourless, columns: 9 })).toEqual([
      'A',
      '-',
      '-',
      '-',
    ]);
    expect(
      details(
        [
          ['a', ''],
          ['long', 'x'],
        ],
        { paint: colourless, columns: 9 },
      ),
    ).toEqual(['a     -', 'long  x']);
  });
});

describe('words', () => {
  it.each([
    [0, '0s'],
    [59, '59s'],
    [60, '1m'],
    [3599, '59m'],
    [3600, '1h'],
    [172_799, '47h'],
    [172_800, '2d'],
    [-30, '0s'],
  ])('%i seconds are %s', (seconds, words) => expect(age(at(seconds), NOW)).toBe(words));

  it.each([
    [4, 'now'],
    [5, '5s ago'],
    [240, '4m ago'],
  ])('seen %i seconds ago is %s', (seconds, words) => expect(ago(at(seconds), NOW)).toBe(words));

  it.each([
    [3.24, '3.2 ms'],
    [0, '0 ms'],
    [9.96, '10 ms'],
    [64.4, '64 ms'],
    [12_345, '12 s'],
    [null, ''],
  ])('%p ms are %s', (ms, words) => expect(latency(ms)).toBe(words));

  it('tells a reason once', () => {
    expect(why('slow', 'Slow: p95 64 ms > 20 ms')).toBe('Slow: p95 64 ms > 20 ms');
    expect(why('one_way', 'One way: they do not reach us')).toBe('One way: they do not reach us');
    expect(why('slow', 'Slower than it was.')).toBe('slow: Slower than it was.');
    expect(why(null, 'Fine.')).toBe('');
  });

  it('tells lately by the time of today, or by the day', () => {
    expect(lately('2026-11-22T09:59:12.000Z', NOW)).toBe('09:59:12Z');
    expect(lately('2026-11-21T09:59:12.000Z', NOW)).toBe('11-21 09:59Z');
  });

  it('says nothing of what is not known', () => {
    expect([age(null, NOW), ago(null, NOW), age(NOW, null), span(null), instant(null)]).toEqual(['', '', '', '', '']);
    expect(lag(null)).toBe('lag unknown');
  });

  it('gives each state a shape and a colour of its own, and one it does not know that of unknown', () => {
    const states = [
      state('green', 'up'),
      state('amber', 'degraded'),
      state('red', 'down'),
      state('unknown', 'unknown'),
      state('pending', 'unknown'),
      state('enrolled', 'unknown'),
    ];
    expect(states.map((cell) => (cell as { text: string }).text)).toEqual([
      '● green',
      '▲ amber',
      '⬣ red',
      '○ unknown',
      '◌ pending',
      '◌ enrolled',
    ]);
    expect(state('molten', 'molten' as never)).toEqual({ text: '○ molten', colour: 'grey' });
  });

  it('draws an hour', () =>
    expect(
      bar([
        { minute: NOW, good: 8, bad: 0, worst: 'green' },
        { minute: NOW, good: 0, bad: 8, worst: 'red' },
        { minute: NOW, good: 4, bad: 4, worst: 'amber' },
        { minute: NOW, good: 0, bad: 0, worst: 'unknown' },
      ]),
    ).toEqual([
      { text: '█', colour: 'green' },
      { text: '▁', colour: 'red' },
      { text: '▅', colour: 'yellow' },
      { text: '░', colour: 'grey' },
    ]));
});
