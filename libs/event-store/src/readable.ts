/**
 * Releases before the rule `IsText` stored NUL and half surrogate pairs, which PostgreSQL refuses. The log keeps what it has: readers see
 * U+FFFD in their place, in keys as in values. `JSON.stringify` writes both as escapes, and neither can stand bare in valid JSON in UTF-8.
 */
const MAY_NEED_IT = /\\u(?:0000|d[89a-f])/i;
/** From left to right: a whole pair, what is replaced, and any other escape, so that an escaped backslash begins none. */
const ESCAPE = /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(\\u(?:0000|[dD][89a-fA-F][\da-fA-F]{2}))|\\[^]/g;

/** Nearly every message has no `\u` in it at all: that is asked first, since the readers of a whole log ask it of each message. */
export const readableJson = (text: string): string =>
  text.includes('\\u') && MAY_NEED_IT.test(text)
    ? text.replaceAll(ESCAPE, (escape, unreadable: string | undefined) => (unreadable === undefined ? escape : '\\ufffd'))
    : text;

/** Headers were decoded from UTF-8, so only NUL is left to replace. */
export const readableHeader = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text);
