export type TokenKind = 'key' | 'string' | 'number' | 'word' | 'plain';
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(\btrue\b|\bfalse\b|\bnull\b)/g;

/** Indented JSON in pieces, for colouring; joined again they are the text. */
export function tokensOf(value: unknown): Token[] {
  const text = JSON.stringify(value, null, 2) ?? 'null';
  const tokens: Token[] = [];
  let from = 0;
  const plain = (to: number): void => {
    if (to > from) tokens.push({ kind: 'plain', text: text.slice(from, to) });
  };
  for (const { 0: all, 1: quoted, 2: colon, 3: number, index } of text.matchAll(TOKEN)) {
    plain(index);
    const own = quoted ?? all;
    tokens.push({
      kind: quoted === undefined ? (number === undefined ? 'word' : 'number') : colon === undefined ? 'string' : 'key',
      text: own,
    });
    from = index + own.length;
  }
  plain(text.length);
  return tokens;
}
