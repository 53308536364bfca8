import pg from 'pg';
import type { DataSource } from 'typeorm';

/** Any number that no other program uses as its lock in this database. */
const SET_UP_LOCK = 4_600_001;

/**
 * Schemas and the migrations of `private`, then `then`, under an advisory lock: of several processes that set up at once, one does
 * it, and the others find it done. Needs a role that may create schemas in the database.
 */
export async function setUpReadStore<T>(url: string, privateStore: DataSource, then: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'clawbutler set-up', connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // It went while we waited for something else; the next statement says so.
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [SET_UP_LOCK]);
    await client.query('CREATE SCHEMA IF NOT EXISTS private; CREATE SCHEMA IF NOT EXISTS read; CREATE SCHEMA IF NOT EXISTS rollup');
    await privateStore.initialize();
    try {
      await privateStore.runMigrations({ transaction: 'each' });
    } finally {
      await privateStore.destroy();
    }
    return await then();
  } finally {
    await client.end();
  }
}
