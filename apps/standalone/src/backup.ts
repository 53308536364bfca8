import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ServersConfig, StandaloneConfig, readConfig } from '@app/config';
import { natsAccessOf, onStopRequested } from '@app/runtime';
import { UsageWrong, runCommand, say } from './backup/command.js';
import { BackupRefused, interrupted } from './backup/refused.js';
import { type BackupSource, saveTo } from './backup/save.js';
import { readRunFile } from './run-file.js';

const USAGE = 'Usage: npm run backup -- <directory> [--with-key]';
const WITHOUT_KEY = `The backup holds no secrets-key. Keep that key elsewhere, or back up with --with-key: without it the shared
secrets of peers cannot be opened after a restore, and each peer has to be removed and added again.
`;

/**
 * `npm run backup -- <directory> [--with-key]`: saves the system that runs on DATA_DIR, or, where none does, the one whose servers NATS_URL
 * and DATABASE_URL name. The system goes on meanwhile.
 */
async function backup(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { 'with-key': { type: 'boolean', default: false } }, allowPositionals: true });
  const [dir] = positionals;
  if (dir === undefined || positionals.length > 1) throw new UsageWrong('One directory must be named.');
  const source = sourceOf(values['with-key']);
  say(`Backing up into ${resolve(dir)}:`);
  const stop = new AbortController();
  onStopRequested(() => stop.abort(interrupted('backup')));
  const { hash, manifest } = await saveTo(dir, { ...source, signal: stop.signal }, say);
  say(`Backed up ${manifest.instance_id}. SHA-256 of the manifest: ${hash}`);
  if (source.secretsKey === null) process.stderr.write(WITHOUT_KEY);
}

function sourceOf(withKey: boolean): BackupSource {
  const { DATA_DIR } = readConfig(StandaloneConfig);
  const run = readRunFile(DATA_DIR);
  if (run !== null) {
    if (run.nats === undefined) throw notRunning(`The system on ${resolve(DATA_DIR)} was started by an earlier release.`);
    return { nats: run.nats, databaseUrl: run.databaseUrl, secretsKey: withKey ? keyIn(DATA_DIR, run.secrets_key === 'data-dir') : null };
  }
  const { NATS_URL, DATABASE_URL } = readConfig(ServersConfig);
  if (NATS_URL === undefined || DATABASE_URL === undefined) throw notRunning(`Nothing runs on the data directory ${resolve(DATA_DIR)}.`);
  return { nats: natsAccessOf(NATS_URL), databaseUrl: DATABASE_URL, secretsKey: withKey ? keyIn(DATA_DIR, false) : null };
}

function keyIn(dataDir: string, isThere: boolean): string {
  if (isThere) return readFileSync(join(resolve(dataDir), 'secrets/secrets-key'), 'utf8');
  throw new BackupRefused(
    'backup.no-key',
    'The key of this system is in SECRETS_KEY and not in its data directory.',
    'Keep it as you keep it now, and back up without --with-key.',
  );
}

const notRunning = (why: string): BackupRefused =>
  new BackupRefused(
    'backup.not-running',
    why,
    'Start it with npm start, or name its directory, or its servers: DATA_DIR=..., or NATS_URL=... DATABASE_URL=... npm run backup -- <directory>.',
  );

await runCommand(USAGE, backup);
