import pg from 'pg';
import type { Stream } from '@app/kernel';
import { type ColumnDescription, TEXT_FORMS, type TableDescription, nameOf } from './table-dump.js';

/** Rows of one statement. */
const PAGE = 500;
const CONNECT_MS = 10_000;

/** A table of a `TableDump`, and its lines. */
export interface DumpedTable extends TableDescription {
  readonly lines: () => AsyncIterable<string>;
}

/**
 * Fills tables with the lines of a dump, and makes those that are missing; all of them in one transaction. `ends`: where each stream ends. A
 * checkpoint beyond that end counted events that the restored stream does not hold; it is set back to the end, so that a roll-up goes
 * on with the next event and counts none twice.
 */
export async function loadTables(
  url: string,
  tables: readonly DumpedTable[],
  ends: Readonly<Record<Stream, number>>,
  loaded: (table: TableDescription, rows: number) => void = () => undefined,
): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'clawbutler restore', connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined); // The statement under way rejects as well.
  await client.connect();
  try {
    await client.query(`BEGIN; ${TEXT_FORMS}; SET LOCAL statement_timeout = 0`);
    for (const table of tables) {
      const { rows } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [nameOf(table)]);
      if (rows[0]?.there !== true) await client.query(create(table));
      loaded(table, await fill(client, table));
    }
    if (tables.some(({ schema, name }) => schema === 'rollup' && name === 'checkpoint'))
      for (const [stream, end] of Object.entries(ends))
        await client.query('UPDATE rollup.checkpoint SET position = least(position, $2::bigint) WHERE stream = $1', [stream, end]);
    await client.query('COMMIT');
  } finally {
    await client.end(); // Without a COMMIT nothing was loaded.
  }
}

async function fill(client: pg.Client, table: DumpedTable): Promise<number> {
  const names = table.columns.map(({ name }) => pg.escapeIdentifier(name));
  const values = table.columns.map(({ type }, i) => `(row ->> ${i})::${type}`);
  const text = `
    INSERT INTO ${nameOf(table)} (${names.join(', ')})
    SELECT ${values.join(', ')} FROM (SELECT line::jsonb AS row FROM unnest($1::text[]) AS line) AS dumped`;
  let count = 0;
  let page: string[] = [];
  const write = async (): Promise<void> => {
    if (page.length > 0) await client.query(text, [page]);
    count += page.length;
    page = [];
  };
  for await (const line of table.lines()) if (page.push(line) === PAGE) await write();
  await write();
  return count;
}

const create = (table: TableDescription): string => {
  const constraints = table.constraints.map(({ name, definition }) => `CONSTRAINT ${pg.escapeIdentifier(name)} ${definition}`);
  return [`CREATE TABLE ${nameOf(table)} (${[...table.columns.map(columnOf), ...constraints].join(', ')})`, ...table.indexes].join('; ');
};

const columnOf = ({ name, type, collation, nullable, default: value }: ColumnDescription): string =>
  [
    pg.escapeIdentifier(name),
    type,
    collation === null ? '' : `COLLATE ${pg.escapeIdentifier(collation)}`,
    nullable ? '' : 'NOT NULL',
    value === null ? '' : `DEFAULT ${value}`,
  ].join(' ');
