/** Where a value stands in a JSON text: `[from, to)`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Member extends Span {
  readonly key: string;
  /** False: the text ends within the value. */
  readonly isWhole: boolean;
}

const SPACE = /[\s\ufeff]*/y;
const NESTING = /["{}[\]]/g;
const ATOM = /[^\s,:{}[\]"]+/y;

/**
 * Looks into JSON without building it: the text is another's, passes on as it is, and often most of it is of no interest here. Not a
 * validator: what only looks like JSON is read as far as it does. Linear in the text, and iterative, so that no nesting is too deep.
 */
export function* membersOf(text: string, at = 0): Generator<Member> {
  let next = skipSpace(text, at);
  if (text[next] !== '{') return;
  do {
    const from = skipSpace(text, next + 1);
    const to = text[from] === '"' ? endOfString(text, from) : -1;
    const colon = to === -1 ? -1 : skipSpace(text, to);
    if (text[colon] !== ':') return;
    const value = valueAt(text, colon + 1);
    if (value === undefined) return;
    yield { key: keyOf(text.slice(from, to)), ...value };
    next = skipSpace(text, value.to);
  } while (text[next] === ',');
}

/** The elements of an array; nothing when it is none. */
export function* elementsOf(text: string, at = 0): Generator<Span> {
  let next = skipSpace(text, at);
  if (text[next] !== '[') return;
  do {
    const value = valueAt(text, next + 1);
    if (value === undefined) return;
    yield value;
    next = skipSpace(text, value.to);
  } while (text[next] === ',');
}

/** The first character of the text that says something; '' when there is none. */
export const firstOf = (text: string): string => text[skipSpace(text, 0)] ?? '';

/** The string that stands there, or null when it is none. */
export function stringAt(text: string, { from, to }: Span): string | null {
  if (text[from] !== '"') return null;
  const inner = text.slice(from + 1, to - 1);
  if (!inner.includes('\\')) return detached(inner);
  const parsed = parseOr(text.slice(from, to));
  return typeof parsed === 'string' ? parsed : null;
}

function valueAt(text: string, at: number): (Span & { isWhole: boolean }) | undefined {
  const from = skipSpace(text, at);
  const first = text[from];
  if (first === '"') return span(text, from, endOfString(text, from));
  if (first === '{' || first === '[') return span(text, from, endOfNest(text, from));
  ATOM.lastIndex = from;
  return ATOM.test(text) ? span(text, from, ATOM.lastIndex) : undefined;
}

const span = (text: string, from: number, to: number): Span & { isWhole: boolean } => ({
  from,
  to: to === -1 ? text.length : to,
  isWhole: to !== -1,
});

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}

/** After its closing quote, or -1: a quote behind an odd number of backslashes closes nothing. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let before = quote;
    while (text[before - 1] === '\\') before -= 1;
    if ((quote - before) % 2 === 0) return quote + 1;
  }
  return -1;
}

function endOfNest(text: string, from: number): number {
  let depth = 0;
  NESTING.lastIndex = from;
  for (let found = NESTING.exec(text); found !== null; found = NESTING.exec(text)) {
    if (found[0] === '"') {
      const end = endOfString(text, found.index);
      if (end === -1) return -1;
      NESTING.lastIndex = end;
      continue;
    }
    depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
    if (depth === 0) return NESTING.lastIndex;
  }
  return -1;
}

function keyOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  const parsed = parseOr(quoted);
  return typeof parsed === 'string' ? parsed : quoted;
}

/** The same text in memory of its own: a slice keeps all that it was cut from, and what is read of a request outlives it. */
export const detached = (slice: string): string => Buffer.from(slice, 'utf8').toString('utf8');

/** What the text means, or undefined when it is no JSON. */
export function parseOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
