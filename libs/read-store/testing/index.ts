import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { EventStore } from '@app/event-store';
import { openTestLog } from '@app/event-store/testing';
import { type AnyFold, type EventClass, Position } from '@app/kernel';
import {
  JetStreamStrategy,
  PgReadModels,
  Progress,
  Projector,
  type ReadModels,
  poolOf,
  privateStore,
  setUpReadStore,
} from '@app/read-store';
import { testDatabase } from '@app/runtime/testing';

const BUILT_MS = 30_000;

/** What a context brings. */
type Brought = Parameters<typeof privateStore>[1][number] & { readonly events: object; readonly projections: readonly AnyFold[] };

/** What a context runs on: a log, a database with the context's tables in it, and projectors that fill those that are read. */
export interface Machines {
  readonly store: EventStore;
  readonly db: DataSource;
  readonly pool: pg.Pool;
  readonly readModels: ReadModels;
  close(): Promise<void>;
}

/** Resolves when every table can be read. `tell`: what projectors say. */
export async function openMachines(context: Brought, tell: (words: string) => void = () => undefined): Promise<Machines> {
  const events = Object.values(context.events).filter((event): event is EventClass => 'type' in event);
  const [log, database] = await Promise.all([openTestLog(events), testDatabase()]);
  const { store } = log;
  await setUpReadStore(database.url, privateStore(database.url, [context]), async () => undefined);
  const db = await privateStore(database.url, [context]).initialize();
  const pool = poolOf(database.url, { name: 'test', max: 10 });
  const progress = new Progress(store.nc);
  const projectors = context.projections.map((fold) => new Projector(fold, store, pool, (_level, words) => tell(words)));
  const strategy = new JetStreamStrategy(projectors, store.rpc, pool);
  strategy.listen(() => undefined);
  await readable(progress, context.projections);
  const close = async (): Promise<void> => {
    await strategy.close();
    progress.stop();
    await db.destroy();
    await pool.end();
    await log.stop();
    await database.drop();
  };
  return { store, db, pool, readModels: new PgReadModels(pool, progress, store.gate), close };
}

/** Resolves when each of these was heard to be built. */
export async function readable(progress: Progress, folds: readonly AnyFold[]): Promise<void> {
  const built = await Promise.all(folds.map(({ table }) => progress.reached(table, new Position({}), BUILT_MS)));
  const missing = folds.filter((_, index) => built[index] !== true).map(({ table }) => table);
  if (missing.length > 0) throw new Error(`not built within ${BUILT_MS} ms: ${missing.join(', ')}`);
}
