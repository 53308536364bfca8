import type pg from 'pg';
import type { DataSource, MigrationInterface } from 'typeorm';
import { EventStore, type LogAccess, type StreamSizes } from '@app/event-store';
import type { AnyFold, EventClass, Guard, Holdable } from '@app/kernel';
import { PgLogMarks, PgReadModels, Progress, type ReadModels, poolOf, privateStore } from '@app/read-store';
import { type Log, logger } from '@app/observability';

/** What a process takes of a context: see any `context.ts`. */
export interface ContextParts {
  readonly events: Readonly<Record<string, unknown>>;
  readonly projections: readonly AnyFold[];
  readonly entities: readonly (new () => object)[];
  readonly migrations: readonly (new () => MigrationInterface)[];
  /** What an accept of the log holds, of what has rights. */
  readonly holds?: readonly Holdable[];
  /** What is done when a message is voided; absent: `holds` are. */
  readonly guards?: readonly Guard[];
  /** The private tables whose rows let somebody in without more: emptied after a restore. */
  readonly openings?: readonly string[];
}

/** Where the servers are, and as whom to speak to them. */
export interface Access {
  readonly nats: Omit<LogAccess, 'name'>;
  readonly databaseUrl: string;
  readonly sizes: StreamSizes;
  readonly logLevel: string;
}

/** The machines of a server process, opened once at its start and closed last. */
export interface Plumbing {
  readonly store: EventStore;
  readonly pool: pg.Pool;
  readonly privateStore: DataSource;
  readonly progress: Progress;
  readonly reads: ReadModels;
  readonly log: Log;
  /** What the streams were set up with. */
  readonly sizes: StreamSizes;
  close(): Promise<void>;
}

/** Every read model and roll-up that contexts declare. */
export const foldsOf = (contexts: readonly ContextParts[]): AnyFold[] => contexts.flatMap(({ projections }) => [...projections]);

/** Every event class that contexts declare; what else `events/` exports has no `type`. */
export const eventsOf = (contexts: readonly ContextParts[]): EventClass[] =>
  contexts
    .flatMap(({ events }) => Object.values(events))
    .filter((item): item is EventClass => typeof item === 'function' && 'type' in item);

/** The database is of an earlier release. */
class NotSetUp extends Error {
  readonly code = 'process.not-set-up';
  readonly next = 'Run the set-up of this release, then start this again.';

  constructor() {
    super('the schema private lacks migrations of this release');
  }
}

/**
 * Waits for NATS, and for PostgreSQL, which knows what this log held. Throws `StreamDrift` or `NotSetUp` when the set-up of this
 * release has not been run.
 */
export async function openPlumbing(name: string, access: Access, contexts: readonly ContextParts[]): Promise<Plumbing> {
  const log = logger(access.logLevel, name);
  const pool = poolOf(access.databaseUrl, { name: `clawbutler ${name}`, max: 20 });
  const warn = (sentence: string): void => log.child({ context: 'log' }).warn(sentence);
  const store = await EventStore.open(
    { ...access.nats, name: `clawbutler ${name}` },
    eventsOf(contexts),
    access.sizes,
    new PgLogMarks(pool),
    warn,
  ).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const secrets = privateStore(access.databaseUrl, contexts);
  const progress = new Progress(store.nc);
  const close = async (): Promise<void> => {
    progress.stop();
    try {
      if (secrets.isInitialized) await secrets.destroy();
      await store.close(); // It writes its marks a last time.
    } finally {
      await pool.end();
    }
  };
  try {
    await secrets.initialize();
    if (await secrets.showMigrations()) throw new NotSetUp();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    store,
    pool,
    privateStore: secrets,
    progress,
    reads: new PgReadModels(pool, progress, store.gate),
    log,
    sizes: access.sizes,
    close,
  };
}
