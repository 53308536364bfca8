import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import { LogIdentityMigration1780272000000 } from './log-identity.migration.js';

type Class<T> = new () => T;

/**
 * The schema `private`: secrets, hashes, sessions. What no event says, so no projector can rebuild it, and TypeORM keeps it by
 * migrations: those of the contexts, and the one of the marks of the log. Not connected yet.
 */
export const privateStore = (
  url: string,
  rooms: readonly {
    readonly entities: readonly (Class<object> | EntitySchema)[];
    readonly migrations: readonly Class<MigrationInterface>[];
  }[],
): DataSource =>
  new DataSource({
    type: 'postgres',
    url,
    schema: 'private',
    entities: rooms.flatMap(({ entities }) => [...entities]),
    migrations: [LogIdentityMigration1780272000000, ...rooms.flatMap(({ migrations }) => [...migrations])],
    migrationsTableName: 'migration',
    applicationName: 'clawbutler private',
    poolSize: 5,
    connectTimeoutMS: 2_000,
    extra: { query_timeout: 5_000, statement_timeout: 5_000, keepAlive: true },
    poolErrorHandler: () => undefined, // An idle connection broke; the next query opens another, or says why not.
  });
