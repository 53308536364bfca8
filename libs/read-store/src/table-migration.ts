import pg from 'pg';
import type { AnyFold } from '@app/kernel';
import { type Column, columnSql } from './columns.js';
import type { IndexShape, TableShape } from './table-shape.js';

/** Any number that no other program uses as its lock in this database. */
export const CREATE_LOCK = 4_600_002;

export const indexSql = (on: string, { name, columns }: IndexShape): string =>
  `CREATE INDEX IF NOT EXISTS ${name} ON ${on} (${columns.map((column) => `"${column}"`).join(', ')});`;

interface Target {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly shape: TableShape;
}

/**
 * Brings a roll-up to its version, in one simple query and hence one transaction: rows, shape and the version in the checkpoint move
 * together. Does nothing where another process was faster. A process of the older release that still writes ends when the checkpoint is claimed.
 *
 * A step may be repeated: where the checkpoint was lost, all of them run. Answers the first version that no step leads to.
 */
export function migrationOf(
  { table, version, migrate = {} }: AnyFold,
  { schema, name, columns, shape }: Target,
  before: { readonly from: number; readonly indexes: readonly IndexShape[] },
): string | number {
  const versions = Array.from({ length: version - before.from }, (_, i) => before.from + 1 + i);
  const missing = versions.find((one) => migrate[one] === undefined);
  if (missing !== undefined) return missing;
  const byName = new Map(columns.map((column) => [column.name, column]));
  const steps = versions.flatMap((one) => {
    const { adds = {}, drops = [] } = migrate[one] ?? {};
    const added = Object.entries(adds).flatMap(([column, value]) => {
      const declared = byName.get(column); // Undefined: a later version dropped it again.
      return declared === undefined ? [] : addColumn(name, declared, value);
    });
    return [
      ...added,
      ...drops.filter((column) => !byName.has(column)).map((column) => `ALTER TABLE ${name} DROP COLUMN IF EXISTS "${column}";`),
    ];
  });
  const declared = new Set(shape.indexes.map(({ name: index, columns: on }) => `${index} ${on.join()}`));
  const old = before.indexes.filter(({ name: index, columns: on }) => !declared.has(`${index} ${on.join()}`));
  const body = `BEGIN
    IF EXISTS (SELECT FROM ${schema}.checkpoint WHERE fold = '${table}' AND version >= ${version}) THEN RETURN; END IF;
    LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE; -- Before the checkpoint: a commit locks them in this order.
    ${steps.join('\n    ')}
    ${old.map(({ name: index }) => `DROP INDEX IF EXISTS ${schema}.${index};`).join('\n    ')}
    ${shape.indexes.map((index) => indexSql(name, index)).join('\n    ')}
    UPDATE ${schema}.checkpoint SET version = ${version} WHERE fold = '${table}';
  END`;
  return `
    SELECT pg_advisory_xact_lock(${CREATE_LOCK});
    DO ${pg.escapeLiteral(body)}`;
}

/** Rows that are there get the value; later ones bring their own. */
function addColumn(table: string, column: Column, value: unknown): string[] {
  const text = typeof value === 'string' && column.type !== 'jsonb' ? value : JSON.stringify(value);
  const literal = value === null ? 'NULL' : pg.escapeLiteral(text);
  return [
    `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${columnSql(column)} DEFAULT ${literal}::${column.type};`,
    `ALTER TABLE ${table} ALTER COLUMN "${column.name}" DROP DEFAULT;`,
  ];
}
