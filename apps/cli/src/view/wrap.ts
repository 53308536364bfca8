import { widthOf } from './plain.js';

/**
 * Text in lines of at most `width` cells, each after `indent`; undefined: one line. A word that is longer stays whole, since ids and
 * commands are copied.
 */
export function wrapped(text: string, width: number | undefined, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && (width === undefined || widthOf(`${last} ${word}`) <= width)) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(indent + word);
  }
  return lines;
}
