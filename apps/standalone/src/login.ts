import { access, newLoginCode } from '@app/access';
import { ApiConfig, ServersConfig, StandaloneConfig, originOf, readConfig } from '@app/config';
import { explain } from '@app/process';
import { privateStore } from '@app/read-store';
import { loginLink, readRunFile } from './run-file.js';

/**
 * `npm run login`: prints a new one-time login link for the system that runs on DATA_DIR, or, where DATABASE_URL names the database
 * of one whose processes run elsewhere, for that.
 */
async function login(): Promise<void> {
  const run = target();
  const store = await privateStore(run.databaseUrl, [access]).initialize();
  try {
    const code = await newLoginCode(store, { role: 'admin', now: new Date() });
    process.stdout.write(`${loginLink(run.origin, code)}\n`);
    process.stderr.write('Good once, within 15 minutes. For a browser, or for: npx --no-install ap auth login\n');
  } finally {
    await store.destroy();
  }
}

function target(): { origin: string; databaseUrl: string } {
  const { DATA_DIR } = readConfig(StandaloneConfig);
  const run = readRunFile(DATA_DIR);
  if (run !== null) return run;
  const { DATABASE_URL } = readConfig(ServersConfig);
  if (DATABASE_URL === undefined) throw new NotRunning(`Nothing runs on the data directory ${DATA_DIR}.`);
  const { API_HOST, API_PORT, API_URL } = readConfig(ApiConfig);
  return { origin: API_URL ?? originOf(API_HOST, API_PORT), databaseUrl: DATABASE_URL };
}

class NotRunning extends Error {
  readonly code = 'standalone.not-running';
  readonly next = 'Start it with npm start, or name its directory or its database: DATA_DIR=... or DATABASE_URL=... npm run login.';
}

login().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
});
