import type pg from 'pg';
import type { AnyFold } from '@app/kernel';
import { columnsOf } from './columns.js';
import { run } from './pool.js';

export interface ColumnShape {
  readonly name: string;
  /** As PostgreSQL names it: `bigint`, `double precision`. */
  readonly type: string;
  readonly nullable: boolean;
  /** Null for a type that has none. */
  readonly collation: string | null;
}

export interface IndexShape {
  readonly name: string;
  readonly columns: readonly string[];
}

/** The table of one fold, without the order of its columns: nothing depends on it, and a column that is added comes last. */
export interface TableShape {
  readonly columns: readonly ColumnShape[];
  readonly key: readonly string[];
  readonly indexes: readonly IndexShape[];
}

/** The shape that a fold declares. */
export function shapeOf(fold: Pick<AnyFold, 'table' | 'row' | 'id' | 'indexes' | 'keep'>): TableShape {
  const columns = columnsOf(fold.row).map(({ name, type, nullable }) => ({
    name,
    type,
    nullable,
    collation: type === 'text' ? 'C' : null,
  }));
  const indexes = (fold.indexes ?? []).map((index, i) => ({ name: `${fold.table}_${i + 1}`, columns: index }));
  const kept = fold.keep === undefined ? [] : [{ name: `${fold.table}_kept`, columns: [fold.keep.by] }];
  return { columns: columns.sort(byName), key: [fold.id], indexes: [...indexes, ...kept].sort(byName) };
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

const COLUMNS = `
  SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable, c.collname::text AS collation
    FROM pg_attribute a LEFT JOIN pg_collation c ON c.oid = a.attcollation
   WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`;

const INDEXES = `
  SELECT i.relname::text AS name, x.indisprimary AS is_key, x.indisunique AS is_unique, NOT x.indisvalid AS is_broken,
         pg_get_expr(x.indpred, x.indrelid) AS only_where,
         ARRAY (SELECT coalesce(a.attname::text, pg_get_indexdef(x.indexrelid, k.n::int, true))
                  FROM unnest(x.indkey) WITH ORDINALITY AS k (attnum, n)
                  LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum AND k.attnum > 0
                 WHERE k.n <= x.indnkeyatts ORDER BY k.n) AS columns
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
   WHERE x.indrelid = to_regclass($1)`;

interface IndexRow {
  name: string;
  is_key: boolean;
  is_unique: boolean;
  is_broken: boolean;
  only_where: string | null;
  columns: string[];
}

/**
 * The shape of a table that exists, from the catalogue of PostgreSQL; null: there is no such table. An index under a name of its own
 * that allows every row is left out: an operator may have made it, and it changes no answer.
 */
export async function shapeIn(db: pg.Pool, { schema, table }: { schema: string; table: string }): Promise<TableShape | null> {
  const values = [`${schema}.${table}`];
  const columns = (await run(db, { text: COLUMNS, values })).rows as ColumnShape[];
  if (columns.length === 0) return null;
  const found = (await run(db, { text: INDEXES, values })).rows as IndexRow[];
  const ours = new RegExp(`^${table}_([0-9]+|kept)$`);
  const indexes = found.filter(({ name, is_key, is_unique }) => !is_key && (is_unique || ours.test(name)));
  return {
    columns: columns.sort(byName),
    key: found.find(({ is_key }) => is_key)?.columns ?? [],
    indexes: indexes.map(indexOf).sort(byName),
  };
}

/** What makes an index other than it is declared stands beside its columns, so that a comparison sees it. */
const indexOf = ({ name, columns, is_unique, is_broken, only_where }: IndexRow): IndexShape => ({
  name,
  columns: [
    ...columns,
    ...(is_unique ? ['(unique)'] : []),
    ...(is_broken ? ['(broken)'] : []),
    ...(only_where === null ? [] : [`(where ${only_where})`]),
  ],
});

/** Each difference as the end of a sentence; none: the shapes are the same. */
export function differencesOf(declared: TableShape, found: TableShape): string[] {
  const key =
    declared.key.join() === found.key.join() ? [] : [`the primary key is (${found.key.join(', ')}), not (${declared.key.join(', ')})`];
  return [
    ...compared('column', declared.columns, found.columns, columnWords),
    ...key,
    ...compared('index', declared.indexes, found.indexes, ({ columns }) => `on (${columns.join(', ')})`),
  ];
}

const columnWords = ({ type, collation, nullable }: ColumnShape): string =>
  `${type}${collation === null ? '' : ` collate ${collation}`}${nullable ? '' : ' not null'}`;

function compared<Part extends { name: string }>(
  what: string,
  declared: readonly Part[],
  found: readonly Part[],
  words: (part: Part) => string,
): string[] {
  const there = new Map(found.map((part) => [part.name, words(part)]));
  const wanted = new Map(declared.map((part) => [part.name, words(part)]));
  return [
    ...[...wanted].filter(([name]) => !there.has(name)).map(([name]) => `${what} ${name} is missing`),
    ...[...there].filter(([name]) => !wanted.has(name)).map(([name]) => `${what} ${name} is not declared`),
    ...[...wanted].flatMap(([name, is]) => {
      const was = there.get(name);
      return was === undefined || was === is ? [] : [`${what} ${name} is ${was}, not ${is}`];
    }),
  ];
}
