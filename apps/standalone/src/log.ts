import 'reflect-metadata';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigInvalid, ServersConfig, StandaloneConfig, readConfig } from '@app/config';
import { acceptStream } from '@app/log';
import { type Access, type RestoreManifest, acceptLog, explain } from '@app/process';
import { CONTEXTS } from '@app/contexts';
import { type NatsAccess, natsAccessOf, startServers } from '@app/runtime';
import { newKey, secretBoxIn } from './new-key.js';
import { readRunFile } from './run-file.js';

const USAGE = 'npm run log -- accept [--restored] --confirm=<instance_id>, and npm run log -- new-key [--confirm=<instance_id>]';
const say = (words: string): void => void process.stdout.write(`${words}\n`);

interface Target {
  readonly admin: NatsAccess;
  readonly access: Access;
  readonly stop: () => Promise<void>;
}

/**
 * `npm run log -- accept`: goes on with an event log that lost its end, or was restored, as it is. `npm run log -- new-key`: makes another key
 * of this instance, where its private half is lost. On the host only, with the rights of the set-up: on the system that runs on DATA_DIR, on its servers where nothing runs, or on NATS_URL and DATABASE_URL.
 */
async function log(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { confirm: { type: 'string' }, restored: { type: 'boolean', default: false } },
  });
  const command = positionals.join(' ');
  if (command !== 'accept' && command !== 'new-key')
    throw new ConfigInvalid(`${command || 'nothing'} is no command of this; there is: ${USAGE}`);
  const { DATA_DIR } = readConfig(StandaloneConfig);
  const { admin, access, stop } = await target(DATA_DIR);
  try {
    const { confirm, restored } = values;
    if (command === 'new-key') return await newKey(access, secretBoxIn(DATA_DIR), confirm, say);
    await acceptLog(admin, access, CONTEXTS, acceptStream, { confirm, restored, manifest: manifestIn(DATA_DIR), say });
  } finally {
    await stop();
  }
}

/** Where the servers of this instance are; starts them where nothing runs. */
async function target(dataDir: string): Promise<Target> {
  const config = readConfig(ServersConfig);
  const { NATS_URL, DATABASE_URL, NATS_REPLICAS: replicas, FACTS_MAX_BYTES: factsMaxBytes, CALLS_MAX_BYTES: callsMaxBytes } = config;
  const at = { sizes: { replicas, factsMaxBytes, callsMaxBytes }, logLevel: config.LOG_LEVEL };
  const nothing = async (): Promise<void> => undefined;
  const run = readRunFile(dataDir);
  if (run?.nats !== undefined) return { admin: run.nats, access: { nats: run.nats, databaseUrl: run.databaseUrl, ...at }, stop: nothing };
  if (NATS_URL !== undefined && DATABASE_URL !== undefined) {
    const nats = natsAccessOf(NATS_URL);
    return { admin: nats, access: { nats, databaseUrl: DATABASE_URL, ...at }, stop: nothing };
  }
  const servers = await startServers({
    dataDir,
    external: { natsUrl: NATS_URL, databaseUrl: DATABASE_URL },
    log: (_level, words) => void process.stderr.write(`${words}\n`),
  });
  const { admin } = servers.nats;
  return { admin, access: { nats: admin, databaseUrl: servers.databaseUrl, ...at }, stop: () => servers.stop() };
}

/** What a restore left; null: nothing was restored here. */
function manifestIn(dataDir: string): RestoreManifest | null {
  const file = join(dataDir, 'restore-manifest.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RestoreManifest) : null;
}

log().catch((error: unknown) => {
  const what = process.argv[2] === 'new-key' ? 'No key was made' : 'The log was not accepted';
  process.stderr.write(`${what}: ${explain(error)}\n`);
  process.exitCode = 1;
});
