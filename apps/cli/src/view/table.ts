import { cut, plain, widthOf } from './plain.js';
import { wrapped } from './wrap.js';

export type Colour = 'green' | 'yellow' | 'red' | 'grey' | 'bold';
export type Paint = (text: string, colour: Colour | undefined) => string;

const SGR: Record<Colour, number> = { green: 32, yellow: 33, red: 31, grey: 90, bold: 1 };
export const inColour: Paint = (text, colour) => (colour === undefined ? text : `\u001b[${SGR[colour]}m${text}\u001b[0m`);
export const colourless: Paint = (text) => text;

/** How to draw: `columns` is the width of the terminal in cells, undefined where nobody looks and nothing is cut. */
export interface Canvas {
  paint: Paint;
  columns: number | undefined;
}

export type Cell = string | { text: string; colour: Colour | undefined };

export interface Column {
  head: string;
  right?: true;
  /** May be cut down to so many cells; columns give way from the last to the first. Without it a column is never cut: ids are copied. */
  least?: number;
  /** May be left out where the table is too wide even so, the lowest number first: `-o json` has it. */
  spare?: number;
  /** Holds sentences, which are never cut: where the table is too wide they stand under their rows, and without a head. */
  below?: true;
}

const GAP = '  ';
const HOLE = '-';
// What the server left out is a hole to be seen, not a reason to fall over.
const textOf = (cell: Cell | null | undefined): string => plain(String((typeof cell === 'object' ? cell?.text : cell) ?? '')) || HOLE;
const colourOf = (cell: Cell | null | undefined): Colour | undefined => (typeof cell === 'object' ? cell?.colour : undefined);

/** A header and the lines of each row, without trailing blanks. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], canvas: Canvas): string[] {
  const { paint, columns: width } = canvas;
  const at = columns.findIndex(({ below }) => below);
  if (width !== undefined && at >= 0 && totalOf(naturalWidths(columns, rows)) > width) return withSentences(columns, rows, at, canvas);
  const left = width === undefined ? undefined : tooMany(columns, rows, width);
  if (left !== undefined)
    return table(
      without(columns, left),
      rows.map((row) => without(row, left)),
      { paint, columns: width },
    );
  const widths = naturalWidths(columns, rows);
  if (width !== undefined) shrink(columns, widths, width);
  const heads = columns.map(({ head }): Cell => ({ text: head, colour: 'bold' }));
  return [heads, ...rows].map((row) =>
    columns
      .map(({ right }, at) => {
        const cell = row[at];
        const text = cut(textOf(cell), widths[at]!);
        const blanks = ' '.repeat(widths[at]! - widthOf(text));
        const painted = paint(text, colourOf(cell));
        if (right) return blanks + painted;
        return at === columns.length - 1 ? painted : painted + blanks;
      })
      .join(GAP),
  );
}

/** Sentences of one column under the rows that have one. */
function withSentences(columns: readonly Column[], rows: readonly (readonly Cell[])[], at: number, canvas: Canvas): string[] {
  const [head = '', ...lines] = table(
    without(columns, at),
    rows.map((row) => without(row, at)),
    canvas,
  );
  const sentenceOf = (cell: Cell | undefined): string[] =>
    textOf(cell) === HOLE ? [] : wrapped(textOf(cell).trim(), canvas.columns, GAP).map((line) => canvas.paint(line, colourOf(cell)));
  return [head, ...rows.flatMap((row, i) => [lines[i] ?? '', ...sentenceOf(row[at])])];
}

const naturalWidths = (columns: readonly Column[], rows: readonly (readonly Cell[])[]): number[] =>
  columns.map(({ head }, at) => Math.max(head.length, ...rows.map((row) => widthOf(textOf(row[at])))));

const without = <T>(list: readonly T[], at: number): T[] => list.filter((_, index) => index !== at);

/** Which column is to be left out; undefined: the rest can be made to fit, or nothing more may go. */
function tooMany(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): number | undefined {
  const narrowest = columns.map(({ head, least = Infinity }, at) =>
    Math.max(head.length, Math.min(least, Math.max(...rows.map((row) => widthOf(textOf(row[at])))))),
  );
  if (totalOf(narrowest) <= width) return undefined;
  const spare = columns.map(({ spare = Infinity }) => spare);
  const first = Math.min(...spare);
  return first === Infinity ? undefined : spare.indexOf(first);
}

const totalOf = (widths: readonly number[]): number => widths.reduce((sum, cells) => sum + cells, GAP.length * (widths.length - 1));

function shrink(columns: readonly Column[], widths: number[], width: number): void {
  let over = totalOf(widths) - width;
  for (let at = columns.length - 1; at >= 0 && over > 0; at--) {
    const { least, head } = columns[at]!;
    if (least === undefined) continue;
    const given = Math.min(over, Math.max(0, widths[at]! - Math.max(least, head.length)));
    widths[at]! -= given;
    over -= given;
  }
}

/** One thing, a line for each of its properties; several cells stand side by side. */
export function details(pairs: readonly (readonly [string, Cell | Cell[]])[], { paint }: Canvas): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => {
    const cells = Array.isArray(value) ? value : [value];
    return paint(name, 'bold') + ' '.repeat(width - name.length) + GAP + cells.map((cell) => paint(textOf(cell), colourOf(cell))).join('');
  });
}
