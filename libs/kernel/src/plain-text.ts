/**
 * Which text PostgreSQL, a terminal and a page can hold, as regular expressions that JSON Schema can publish. Imports nothing: the edge
 * agent, the CLI and the page ship this file.
 *
 *   text   Well-formed Unicode without C0 and C1 controls, NUL among them. `\p{Cs}` is half of a surrogate pair: with the flag `u` a whole
 *          pair is one character. Unicode has no more than 4 bytes a character in UTF-8, so a maximum in characters is one in bytes too.
 *   lines  Text that may also have tabs and line breaks.
 *   name   Text that shows every character it has: no line separators, no bidirectional controls and nothing of zero width. Variation selectors
 *          follow another character, and a joiner stands inside a word: emoji and Persian need them.
 */
const BARE = String.raw`[^\p{Cc}\p{Cs}]`;
const BARE_OR_BREAK = String.raw`(?:[\t\n\r]|${BARE})`;
const SHOWN = String.raw`[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]\p{Variation_Selector}?`;
const OF_WORD = String.raw`(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]\p{Variation_Selector}?`;
const JOINED = String.raw`${OF_WORD}[\u200C\u200D](?=${OF_WORD})`;

export const TEXT = new RegExp(`^${BARE}*$`, 'u');
export const LINES = new RegExp(`^${BARE_OR_BREAK}*$`, 'u');
export const NAME = new RegExp(`^(?:${JOINED}|${SHOWN})+$`, 'u');

const BREAK = /[\t-\r\u2028\u2029]/g;
const CONTROL = /\p{Cc}/gu;
const SHOWN_OR_NOT = new RegExp(`(${JOINED}|${SHOWN})|[^]`, 'gu');
const UNSEEN = /[^\P{Cc}\t\n\r]|[\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const SEEN_OR_NOT = new RegExp(`(${JOINED}|${SHOWN}|[\\t\\n\\r])|[^]`, 'gu');
const REPLACEMENT = '\uFFFD';

/** Characters as JSON Schema counts them: code points. Stops once there are more than `most`. */
export function areAtMost(text: string, most: number): boolean {
  if (text.length <= most) return true;
  if (text.length > 2 * most) return false;
  let left = most;
  for (const _character of text) if (--left < 0) return false;
  return true;
}

/**
 * Makes text of the outside world valid instead of refusing it: the words of a gateway, a socket or a peer are reported, not asked for.
 * The answer is one line of at most `max` characters. A break becomes a blank, a control or half a character U+FFFD; text that was
 * cut ends with an ellipsis. Idempotent; what is valid stays as it is.
 */
export function plainText(value: string, max: number): string {
  // A character has at most two units, so what is cut off here is beyond `max` characters.
  const head = value.slice(0, 2 * max + 2);
  if (head.length <= max && TEXT.test(head)) return head.replaceAll(BREAK, ' ');
  return cut(head.toWellFormed().replaceAll(BREAK, ' ').replaceAll(CONTROL, REPLACEMENT), max);
}

/** As `plainText`, for a name: characters that cannot be seen become U+FFFD too. */
export const plainName = (value: string, max: number): string =>
  plainText(value, max).replaceAll(SHOWN_OR_NOT, (_match, shown: string | undefined) => shown ?? REPLACEMENT);

/**
 * Text of others as every page and terminal of ours shows it: a character that cannot be seen, or that changes how others are seen, becomes
 * `<U+202E>`. Stored text may hold some: releases of before took them in names, and notes may have them. Tabs and breaks stay. Idempotent;
 * what is a name stays as it is.
 */
export const visibleText = (value: string): string =>
  UNSEEN.test(value) ? value.replaceAll(SEEN_OR_NOT, (character, seen: string | undefined) => seen ?? codeOf(character)) : value;

const codeOf = (character: string): string => `<U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`;

function cut(text: string, max: number): string {
  if (areAtMost(text, max)) return text;
  return `${[...text].slice(0, max - 1).join('')}…`;
}
