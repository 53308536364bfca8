import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeLog } from '../src/contract.js';
import { type EmbeddedPostgres, embeddedPostgres } from '../src/postgres.js';
import { postgresProgram } from '../src/postgres-program.js';
import { serverAccount } from '../src/run-as.js';

/** Password of the superuser and of the owner. */
export const POSTGRES_PASSWORD = 'test';

/** A supervised PostgreSQL below `dir`, the directory of a `testDir`, with the role and database of the system. Resolves when it answers. */
export async function startTestPostgres(
  dir: string,
  log: RuntimeLog,
  settings: readonly string[],
): Promise<Pick<EmbeddedPostgres, 'child' | 'url'>> {
  const account = serverAccount();
  const own = join(dir, 'postgres');
  mkdirSync(own, { mode: 0o711 });
  const { child, url, provision } = await embeddedPostgres(postgresProgram(join(dir, 'bin'), account), {
    dir: own,
    account,
    superuserPassword: POSTGRES_PASSWORD,
    ownerPassword: POSTGRES_PASSWORD,
    log,
    settings,
  });
  await child.start();
  await provision();
  return { child, url };
}
