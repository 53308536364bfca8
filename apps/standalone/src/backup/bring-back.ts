import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CALLS, FACTS, SnapshotFailed, TELEMETRY, restoreStream } from '@app/event-store';
import { type RestoreManifest, foldsOf } from '@app/process';
import type { Instant } from '@app/kernel';
import { PgLogMarks, loadTables, poolOf, privateStore, setUpReadStore } from '@app/read-store';
import { CONTEXTS } from '@app/contexts';
import type { ServersOptions } from '@app/runtime';
import type { DataSource } from 'typeorm';
import { linesOf } from './lines.js';
import { KEY_FILE, type SavedStream, streamFile, tableFile } from './manifest.js';
import { stepwise } from './progress.js';
import { type Known, type ReadBackup, readBackup } from './read-backup.js';
import { RestoreTarget } from './target.js';

const CHUNK_BYTES = 128 * 1024;

/** Lies in a data directory that a restore filled; `log -- accept --restored` asks for it. */
export const RESTORE_MANIFEST = 'restore-manifest.json';

/**
 * Fills empty servers, and an empty data directory, with a backup. First every file is read and compared with the manifest; nothing was
 * changed until then. Whatever fails later is undone; a restore that is killed leaves a directory that no start accepts.
 *
 * The restored log is closed: each process refuses until `log -- accept --restored`. Streams get the replicas that `replicas` says, so that a backup of a cluster fits one server and the other way round. Read models are not
 * restored: the projectors build them from the log.
 */
export async function bringBack(
  path: string,
  options: Omit<ServersOptions, 'log'> & { readonly replicas: number },
  say: (words: string) => void,
): Promise<RestoreManifest> {
  say('Checking the backup:');
  const backup = await readBackup(path, known(), say);
  const { instance_id, created_at } = backup.manifest;
  say(`It is of ${instance_id}, of ${created_at}. Restoring into ${options.dataDir}:`);
  const target = await RestoreTarget.open({ ...options, log: (_level, words) => say(`  ${words}`) });
  try {
    const steps = { say, check: () => options.signal?.throwIfAborted() };
    const ends = await fillStreams(backup, target, options.replicas, steps);
    target.filling();
    await fillTables(backup, target.servers.databaseUrl, ends, steps);
    if (KEY_FILE in backup.manifest.files) writeKey(target.servers.dataDir, join(backup.path, KEY_FILE));
    const at = new Date().toISOString() as Instant;
    await closeLog(target.servers.databaseUrl, at);
    const restored: RestoreManifest = { instance_id, restored_at: at, backup_hash: backup.hash };
    writeFileSync(join(target.servers.dataDir, RESTORE_MANIFEST), `${JSON.stringify(restored, null, 2)}\n`, { mode: 0o600, flush: true });
    target.complete();
    await target.close();
    return restored;
  } catch (error) {
    await target.abandon().catch((failed: unknown) => say(`What was restored could not be removed: ${String(failed)}`));
    throw error;
  }
}

/** What this release can take over. */
export function known(): Known {
  const rollUps = foldsOf(CONTEXTS).filter(({ kind }) => kind === 'rollup');
  return {
    migrations: migrationsOf(privateStore('postgres://none', CONTEXTS)).map(({ name }) => name),
    rollUps: Object.fromEntries(rollUps.map(({ table, version }) => [table, version])),
  };
}

interface Steps {
  readonly say: (words: string) => void;
  /** Throws when the restore is told to stop. */
  readonly check: () => void;
}

type Ends = Readonly<Record<'facts' | 'calls' | 'telemetry', number>>;

async function fillStreams(backup: ReadBackup, target: RestoreTarget, replicas: number, { say, check }: Steps): Promise<Ends> {
  const ends = new Map<string, number>();
  for (const { name, config, state, ...saved } of backup.manifest.streams) {
    const step = stepwise(say, name);
    const chunks = createReadStream(join(backup.path, streamFile(name)), { highWaterMark: CHUNK_BYTES });
    target.filling(name);
    const as = { config: { ...config, num_replicas: replicas }, state };
    const sent = (bytes: number): void => {
      check();
      step.add(bytes);
    };
    const restored = (await restoreStream(target.nc, as, chunks as AsyncIterable<Buffer>, sent)).state;
    assertRestored(name, saved, restored);
    step.end(`${restored.messages} messages, up to ${restored.last_seq}`);
    ends.set(name, restored.last_seq);
  }
  return { facts: ends.get(FACTS) ?? 0, calls: ends.get(CALLS) ?? 0, telemetry: ends.get(TELEMETRY) ?? 0 };
}

/** Throws `SnapshotFailed` when a message that the backup promises is not there. */
function assertRestored(
  name: string,
  saved: Pick<SavedStream, 'last_seq'>,
  is: { readonly first_seq: number; readonly last_seq: number; readonly messages: number },
): void {
  if (is.last_seq < saved.last_seq) throw new SnapshotFailed(`${name} was saved up to ${saved.last_seq} and restored up to ${is.last_seq}`);
  const span = is.last_seq === 0 ? 0 : is.last_seq - is.first_seq + 1;
  if (name === FACTS && is.messages !== span) throw new SnapshotFailed(`${name} was restored with ${span - is.messages} messages missing`);
}

async function fillTables({ path, manifest }: ReadBackup, databaseUrl: string, ends: Ends, { say, check }: Steps): Promise<void> {
  const store = privateStore(databaseUrl, CONTEXTS);
  const wanted = migrationsOf(store).filter(({ name }) => manifest.migrations.includes(name)); // The rows have the columns of that time.
  store.setOptions({ migrations: wanted.map(({ migration }) => migration) });
  const tables = manifest.tables.map((table) => ({
    ...table,
    lines: () => linesOf(join(path, tableFile(table))),
  }));
  const loaded = ({ schema, name }: { schema: string; name: string }, rows: number): void => {
    check();
    say(`  ${schema}.${name}: ${rows} rows`);
  };
  await setUpReadStore(databaseUrl, store, () => loadTables(databaseUrl, tables, ends, loaded));
}

/** Runs the migrations that are newer than the backup, then has each process refuse until the log is accepted. */
async function closeLog(databaseUrl: string, at: Instant): Promise<void> {
  const pool = poolOf(databaseUrl, { name: 'clawbutler restore', max: 1 });
  try {
    await setUpReadStore(databaseUrl, privateStore(databaseUrl, CONTEXTS), () => new PgLogMarks(pool).restored(at));
  } finally {
    await pool.end();
  }
}

/** TypeORM knows a migration by its `name`, or by the name of its class. */
function migrationsOf({ options }: DataSource): { readonly name: string; readonly migration: new () => { name?: string } }[] {
  return (options.migrations as (new () => { name?: string })[]).map((migration) => ({
    name: new migration().name ?? migration.name,
    migration,
  }));
}

function writeKey(dataDir: string, from: string): void {
  const to = join(dataDir, 'secrets', KEY_FILE);
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  writeFileSync(to, readFileSync(from), { mode: 0o600, flag: 'wx', flush: true });
}
