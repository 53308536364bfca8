import { createReadStream } from 'node:fs';

/** The lines of a file. Only a line feed ends one; `readline` also ends lines at U+2028, which stands unescaped in JSON. */
export async function* linesOf(path: string): AsyncGenerator<string, void, void> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
