import type pg from 'pg';

export interface DatabaseState {
  readonly version: string;
  /** Connections of everybody to this server. */
  readonly connections: number;
  /** How many there may be, without those kept for superusers. */
  readonly maxConnections: number;
  /** Its clock, ms since 1970. */
  readonly nowMs: number;
}

const STATE = `
  SELECT current_setting('server_version') AS version,
         (SELECT sum(numbackends) FROM pg_stat_database)::int AS connections,
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS "maxConnections",
         extract(epoch FROM clock_timestamp())::float8 * 1000 AS "nowMs"`;

/** What the server says of itself. Throws what `pg` throws. */
export async function databaseState(db: pg.Pool | pg.ClientBase): Promise<DatabaseState> {
  const { rows } = await db.query<DatabaseState>(STATE);
  return rows[0] as DatabaseState;
}
