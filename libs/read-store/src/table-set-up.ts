import pg from 'pg';
import { run } from './pool.js';
import type { Table } from './table.js';
import { type TableShape, differencesOf, shapeIn } from './table-shape.js';

/** An index over millions of rows that are there already takes longer than any other statement. */
const CREATE_MS = 60_000;

/** A table as it was found. */
interface Found {
  readonly shape: TableShape | null;
  /** That the checkpoint names; null: there is no checkpoint. */
  readonly version: number | null;
}

/** The table is not what this process declares. A retry changes nothing: somebody must change the table or the process. */
export class TableDiffers extends Error {
  readonly code = 'read-store.table-differs';

  constructor(
    words: string,
    readonly found: Found,
  ) {
    super(words);
  }
}

/**
 * Makes the table of a fold where there is none, migrates a roll-up that an older release made, and compares what is there with what the
 * fold declares. Throws `TableDiffers` before anything is claimed: a process whose table is another takes the checkpoint from nobody.
 */
export async function setUpTable(pool: pg.Pool, table: Table): Promise<void> {
  const before = await findTable(pool, table);
  refuseNewer(table, before);
  if (before.shape === null || (before.version === null && table.kind === 'projection'))
    await run(pool, { text: table.create, query_timeout: CREATE_MS });
  if (isOutdated(table, before)) {
    const migration = table.migration(before.version ?? 1, before.shape?.indexes ?? []);
    if (typeof migration === 'number') throw new TableDiffers(withoutMigration(table, before.version ?? 1, migration), before);
    await run(pool, { text: migration, query_timeout: CREATE_MS });
  }
  await makeIndexes(pool, table);
  const found = await findTable(pool, table);
  refuseNewer(table, found);
  const differences = found.shape === null ? ['it is missing'] : differencesOf(table.shape, found.shape);
  if (differences.length > 0) throw new TableDiffers(differing(table, differences), found);
}

/** An index that is missing changes no answer: releases have added some to tables that were there. */
async function makeIndexes(pool: pg.Pool, table: Table): Promise<void> {
  const { shape } = await findTable(pool, table);
  const columns = new Set(shape?.columns.map(({ name }) => name));
  const indexes = new Set(shape?.indexes.map(({ name }) => name));
  const missing = table.shape.indexes.filter((index) => !indexes.has(index.name) && index.columns.every((column) => columns.has(column)));
  if (missing.length > 0) await run(pool, { text: table.createIndexes(missing), query_timeout: CREATE_MS });
}

/** Whether a roll-up is to be migrated. One whose checkpoint was lost may be of any version. */
function isOutdated(table: Table, { shape, version }: Found): boolean {
  if (table.kind !== 'rollup') return false;
  if (version !== null) return version < table.version;
  return table.version > 1 && shape !== null && differencesOf(table.shape, shape).length > 0;
}

/** Whether a table that was refused is another by now. False while PostgreSQL does not answer. */
export async function hasChanged(pool: pg.Pool, table: Table, { found }: TableDiffers): Promise<boolean> {
  try {
    return JSON.stringify(await findTable(pool, table)) !== JSON.stringify(found);
  } catch {
    return false;
  }
}

const NO_TABLE = '42P01';

async function findTable(pool: pg.Pool, table: Table): Promise<Found> {
  const shape = await shapeIn(pool, table);
  try {
    const { rows } = await run(pool, { text: table.versionKept });
    return { shape, version: (rows[0] as { version: number } | undefined)?.version ?? null };
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === NO_TABLE) return { shape, version: null };
    throw error;
  }
}

function refuseNewer(table: Table, found: Found): void {
  if (found.version === null || found.version <= table.version) return;
  throw new TableDiffers(
    `${table.name} is of version ${found.version}, which a newer release made, and this process has version ${table.version}. ` +
      'Run the release that made it.',
    found,
  );
}

const differing = (table: Table, differences: readonly string[]): string =>
  `${table.name} is not what version ${table.version} of this process declares: ${differences.join('; ')}. ` +
  (table.kind === 'rollup'
    ? 'Raise the version of the roll-up and declare its migration, or run the release that made the table.'
    : `Raise the version of the projection, or drop the schema ${table.schema} and let it be built again.`);

const withoutMigration = (table: Table, from: number, missing: number): string =>
  `${table.name} is of version ${from}, this process has version ${table.version}, and the roll-up declares no migration to version ` +
  `${missing}. A roll-up cannot be built again: declare \`migrate\` for version ${missing}, or run the release that made the table.`;
