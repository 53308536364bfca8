import { DataSource, type EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';
import { LogIdentityMigration1780272000000 } from './log-identity.migration.js';
import { LogRestoredMigration1780272090000 } from './log-restored.migration.js';
import { DatabaseUnavailable, databaseErrorOf } from './trouble.js';

type Class<T> = new () => T;

/** Throws `DatabaseUnavailable` where PostgreSQL is the trouble, whichever of TypeORM's ways led there: all end in a query runner. */
class PrivateStore extends DataSource {
  override createQueryRunner(...mode: Parameters<DataSource['createQueryRunner']>): QueryRunner {
    const runner = super.createQueryRunner(...mode);
    const query = runner.query.bind(runner);
    return Object.assign(runner, { query: (...asked: Parameters<QueryRunner['query']>) => translated(() => query(...asked)) });
  }

  override query<T>(...asked: Parameters<DataSource['query']>): Promise<T> {
    return translated(() => super.query<T>(...asked)); // It looks whether it was destroyed before it asks a runner.
  }
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DatabaseUnavailable ? error : databaseErrorOf(error);
  }
}

/**
 * The schema `private`: secrets, hashes, sessions. What no event says, so no projector can rebuild it, and TypeORM keeps it by
 * migrations: those of the contexts, and those of the marks of the log. Not connected yet.
 */
export const privateStore = (
  url: string,
  contexts: readonly {
    readonly entities: readonly (Class<object> | EntitySchema)[];
    readonly migrations: readonly Class<MigrationInterface>[];
  }[],
): DataSource =>
  new PrivateStore({
    type: 'postgres',
    url,
    schema: 'private',
    entities: contexts.flatMap(({ entities }) => [...entities]),
    migrations: [
      LogIdentityMigration1780272000000,
      LogRestoredMigration1780272090000,
      ...contexts.flatMap(({ migrations }) => [...migrations]),
    ],
    migrationsTableName: 'migration',
    applicationName: 'clawbutler private',
    poolSize: 5,
    connectTimeoutMS: 2_000,
    extra: { query_timeout: 5_000, statement_timeout: 5_000, keepAlive: true },
    poolErrorHandler: () => undefined, // An idle connection broke; the next query opens another, or says why not.
  });
