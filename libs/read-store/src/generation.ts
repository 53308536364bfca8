import type pg from 'pg';
import type { AnyFold } from '@app/kernel';
import type { Parked } from './parking.js';
import { run } from './pool.js';
import { parkedName } from './table.js';

/** The generation of a model that is read now. */
export interface Active {
  /** null: none is. */
  readonly version: number | null;
  readonly schema: string | null;
  /** Whether a unit is parked there: a build that meets the same event again does not count it as new. */
  isNew(parked: Pick<Parked, 'position'>): boolean;
}

const NONE: Active = { version: null, schema: null, isNew: () => false };

/** Views of an earlier release lack the column `schema`, and their model has one generation. Throws what `run` throws. */
export async function activeModel(pool: pg.Pool, fold: AnyFold): Promise<Active> {
  if (fold.kind === 'rollup') return NONE;
  const view = `read.${fold.table}_checkpoint`;
  const parkedView = parkedName(fold);
  const { rows: there } = await run(pool, {
    text: 'SELECT to_regclass($1) IS NOT NULL AS view, to_regclass($2) IS NOT NULL AS parked',
    values: [view, parkedView],
  });
  const { view: isRead, parked: hasParked } = there[0] as { view: boolean; parked: boolean };
  if (!isRead) return NONE;
  const { rows } = await run(pool, { text: `SELECT version, to_jsonb(c) ->> 'schema' AS schema FROM ${view} c LIMIT 1` });
  const active = rows[0] as Pick<Active, 'version' | 'schema'> | undefined;
  if (active === undefined) return NONE;
  if (!hasParked) return { ...active, isNew: () => false };
  const { rows: parked } = await run(pool, { text: `SELECT position FROM ${parkedView}` });
  const known = new Set((parked as { position: number }[]).map(({ position }) => position));
  return { ...active, isNew: ({ position }) => !known.has(position) };
}

/** Which generation of its own version a process goes on with; 0: the first. */
export function generationOf({ table, version }: AnyFold, active: Active): number {
  if (active.version !== version || active.schema === null) return 0;
  const [, generation] = new RegExp(`^rm_${table}_v${version}_(\\d+)$`).exec(active.schema) ?? [];
  return generation === undefined ? 0 : Number(generation);
}
