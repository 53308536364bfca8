import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { fromSharedServers, type TestPostgres } from './shared-servers.js';

export interface TestDatabase {
  /** `postgres://clawbutler:...@127.0.0.1:port/test_...`: the role owns the database and nothing else. */
  readonly url: string;
  /** The same as superuser, to look at or break what the owner may not. */
  readonly superuserUrl: string;
  /** Drops it, whoever is still connected. */
  drop(): Promise<void>;
}

/** An empty database on the one PostgreSQL of this run, which the first call starts. */
export async function testDatabase(): Promise<TestDatabase> {
  const { port, superuserPassword, ownerPassword } = await fromSharedServers<TestPostgres>('/postgres');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const urlOf = (user: string, password: string, database: string): string =>
    `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  const maintain = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: urlOf('postgres', superuserPassword, 'postgres') });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await maintain(`CREATE DATABASE ${name} OWNER clawbutler TEMPLATE template0`);
  return {
    url: urlOf('clawbutler', ownerPassword, name),
    superuserUrl: urlOf('postgres', superuserPassword, name),
    drop: () => maintain(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}
