import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FederationConfig, ServersConfig, StandaloneConfig, readConfigs } from '@app/config';
import { onStopRequested } from '@app/runtime';
import { bringBack } from './backup/bring-back.js';
import { UsageWrong, runCommand, say } from './backup/command.js';
import { KEY_FILE } from './backup/manifest.js';
import { interrupted } from './backup/refused.js';
import { assertDatabase, waitForNats } from './external.js';

const USAGE = 'Usage: npm run restore -- <directory> [--data-dir <data directory>]';
const WITHOUT_KEY = `The backup holds no secrets-key. Before the first start, put the old key to secrets/secrets-key in the data directory
(mode 0600), or set SECRETS_KEY. Without it each peer has to be removed and added again.
`;
/** Any value keeps a Valkey from being started: a restore has no use for one. */
const NO_VALKEY = 'none';

/**
 * `npm run restore -- <directory> [--data-dir <data directory>]`: fills an empty data directory, by default DATA_DIR, with a backup; where
 * NATS_URL or DATABASE_URL name a server, that server, which must hold nothing of ClawButler.
 */
async function restore(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { 'data-dir': { type: 'string' } }, allowPositionals: true });
  const [dir] = positionals;
  if (dir === undefined || positionals.length > 1) throw new UsageWrong('One directory must be named.');
  const [{ DATA_DIR }, { NATS_URL, DATABASE_URL, NATS_REPLICAS }, { SECRETS_KEY }] = readConfigs([
    StandaloneConfig,
    ServersConfig,
    FederationConfig,
  ]);
  const dataDir = resolve(values['data-dir'] ?? DATA_DIR);
  const stop = new AbortController();
  onStopRequested(() => stop.abort(interrupted('restore')));
  if (DATABASE_URL !== undefined) await assertDatabase(DATABASE_URL);
  if (NATS_URL !== undefined) await waitForNats(NATS_URL, say, stop.signal);
  const external = { natsUrl: NATS_URL, databaseUrl: DATABASE_URL, valkeyUrl: NO_VALKEY };
  const { instance_id } = await bringBack(dir, { dataDir, external, replicas: NATS_REPLICAS, signal: stop.signal }, say);
  say(`
Restored ${instance_id}. Nothing runs yet. Run this next, so that the instance begins a new history and what may be out of date is reviewed:

  DATA_DIR=${dataDir} npm run log -- accept --restored --confirm=${instance_id}
`);
  if (SECRETS_KEY === undefined && !existsSync(join(dataDir, 'secrets', KEY_FILE))) process.stderr.write(WITHOUT_KEY);
}

await runCommand(USAGE, restore);
