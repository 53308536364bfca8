import { visibleText } from '../../../../libs/kernel/src/plain-text.js';

/**
 * Text of others as one line, made harmless: a label may hold escape sequences that move the cursor, retitle the window or answer in the
 * user's name, and invisible characters that make one name look like another. White space becomes a blank, each such character its code.
 */
export const plain = (text: string): string => visibleText(text.replaceAll(/[\t\n\r\u2028\u2029]+/gu, ' '));

/**
 * JSON that is as harmless as `plain` and loses nothing: what `JSON.stringify` leaves as it is although a terminal acts on it (C1 controls,
 * format characters, line separators) is written as an escape. Such a character stands only inside a string.
 */
export function json(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u;
const ASCII = /^[\x20-\x7e]*$/;
let segmenter: Intl.Segmenter | undefined; // Made on first need: most text is ASCII, and it takes milliseconds.

const graphemes = (text: string): string[] => [...(segmenter ??= new Intl.Segmenter()).segment(text)].map(({ segment }) => segment);
const cellsOf = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : /^\p{M}+$/u.test(grapheme) ? 0 : 1);

/** How many terminal cells plain text takes. */
export const widthOf = (text: string): number =>
  ASCII.test(text) ? text.length : graphemes(text).reduce((cells, grapheme) => cells + cellsOf(grapheme), 0);

/** Plain text in at most `width` cells; what is cut off leaves an ellipsis. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let cells = 0;
  for (const grapheme of graphemes(text)) {
    cells += cellsOf(grapheme);
    if (cells > width - 1) break;
    kept += grapheme;
  }
  return `${kept.trimEnd()}…`;
}
