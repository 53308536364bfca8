import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseShown } from './shown.js';

describe('parseShown', () => {
  it('shows each character that cannot be seen, in every text of an answer', () => {
    const row = { label: 'user\u202egnp.exe', hostname: 'ad\u200bmin', by_model: [{ model: 'gpt\u0000' }], ['na\ufeffme']: null };
    expect(parseShown(JSON.stringify({ data: [row] }))).toEqual({
      data: [
        {
          label: 'user<U+202E>gnp.exe',
          hostname: 'ad<U+200B>min',
          by_model: [{ model: 'gpt<U+0000>' }],
          'na<U+FEFF>me': null,
        },
      ],
    });
  });

  it.each([[{ data: [{ label: 'Zürich 東京 ❤️ 👩‍💻 می‌خواهم', note: 'two\nlines', n: 1, up: true, at: null }] }], ['text'], [7], [null]])(
    'changes nothing of %j',
    (value) => expect(parseShown(JSON.stringify(value))).toEqual(value),
  );

  it('throws what JSON.parse throws', () => expect(() => parseShown('{')).toThrow(SyntaxError));

  it('no other parser is used by the page', () => {
    const root = join(import.meta.dirname, '..');
    const files = globSync('**/*.{ts,tsx}', { cwd: root }).filter((file) => !file.endsWith('.spec.ts') && file !== 'logic/shown.ts');
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => /JSON\.parse\(|\.json\(\)/.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});
