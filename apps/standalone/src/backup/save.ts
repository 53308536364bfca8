import { type NatsConnection, connect } from '@nats-io/transport-node';
import { DEFAULT_SIZES, FACTS, SnapshotFailed, declared, snapshotStream } from '@app/event-store';
import { RELEASE } from '@app/kernel';
import { TableDump } from '@app/read-store';
import type { NatsAccess } from '@app/runtime';
import { BackupDir } from './backup-dir.js';
import { LEFT_OUT, SAVED_SCHEMAS } from './kept-tables.js';
import { FORMAT, KEY_FILE, type Manifest, type SavedStream, streamFile, tableFile } from './manifest.js';
import { stepwise } from './progress.js';
import { BackupRefused } from './refused.js';

export interface BackupSource {
  /** A user who may ask for snapshots: `$JS.API.STREAM.SNAPSHOT.*` and `$JS.SNAPSHOT.ACK.>`. */
  readonly nats: NatsAccess;
  readonly databaseUrl: string;
  /** 64 hexadecimal digits; null: the backup holds no key. */
  readonly secretsKey: string | null;
  /** Aborted: what was written is removed, and the backup rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** References come before what they refer to: a call names a peer, and a fact is never removed. Nonces come last: they guard the present. */
const ORDER = ['TELEMETRY', 'CALLS', FACTS];

/**
 * Saves a running system into `dir`. What was acknowledged before is in the backup; what is written meanwhile may be.
 *
 * NATS comes first, then one transaction over `private` and `rollup`. A secret, a token or a session is written to `private` before the fact
 * that names it, so a later `private` holds all that the facts of the backup name. What it holds beyond them opens nothing without its
 * fact. A row that was removed in between is missing in the restored system, although its fact is there: a token or a peer that does not work,
 * and never one that works and must not. A roll-up that counted beyond the saved TELEMETRY is set back by the restore.
 *
 * Throws `BackupRefused` and `SnapshotFailed`; the directory is empty then. Resolves to the hash of the manifest.
 */
export async function saveTo(
  path: string,
  source: BackupSource,
  say: (words: string) => void,
): Promise<{ readonly hash: string; readonly manifest: Omit<Manifest, 'files'> }> {
  const dir = BackupDir.make(path, source.signal);
  try {
    const created_at = new Date().toISOString();
    const streams = await saveStreams(dir, source.nats, say);
    const tables = await saveTables(dir, source.databaseUrl, say);
    if (source.secretsKey !== null) await dir.write(KEY_FILE, (append) => append(source.secretsKey ?? ''));
    const instance_id = streams.find(({ name }) => name === FACTS)?.config.metadata?.['instance_id'];
    if (instance_id === undefined) throw notSetUp(`${FACTS} names no instance`);
    const manifest = { format: FORMAT, release: RELEASE, instance_id, created_at, streams, ...tables } as const;
    return { hash: await dir.finish(manifest), manifest };
  } catch (error) {
    dir.discard();
    throw error;
  }
}

async function saveStreams(dir: BackupDir, access: NatsAccess, say: (words: string) => void): Promise<SavedStream[]> {
  // No reconnect: a chunk that was sent while the connection was down is lost.
  const nc = await connect({ ...access, name: 'clawbutler backup', reconnect: false });
  try {
    const names = declared(DEFAULT_SIZES).map(({ name }) => name);
    const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
    const saved: SavedStream[] = [];
    for (const name of names.toSorted((a, b) => rank(a) - rank(b))) saved.push(await saveStream(dir, nc, name, say));
    return saved;
  } finally {
    await nc.close();
  }
}

async function saveStream(dir: BackupDir, nc: NatsConnection, name: string, say: (words: string) => void): Promise<SavedStream> {
  const step = stepwise(say, name);
  let head: SavedStream | undefined;
  const { bytes } = await dir.write(streamFile(name), async (append) => {
    const { config, state } = await snapshotStream(nc, name, async (chunk) => {
      await append(chunk);
      step.add(chunk.length);
    });
    const { first_seq, last_seq } = state;
    head = { name, incarnation: config.metadata?.['incarnation'] ?? null, first_seq, last_seq, config, state };
  });
  if (head === undefined || bytes === 0) throw new SnapshotFailed(`the server sent nothing of ${name}`);
  step.end(`${head.state.messages} messages, up to ${head.last_seq}`);
  return head;
}

type SavedTables = Pick<Manifest, 'tables' | 'migrations' | 'roll_ups'>;

async function saveTables(dir: BackupDir, databaseUrl: string, say: (words: string) => void): Promise<SavedTables> {
  const dump = await TableDump.open(databaseUrl);
  try {
    const all = await dump.tables(SAVED_SCHEMAS);
    const has = (name: string): boolean => all.some((table) => `${table.schema}.${table.name}` === name);
    if (!has('private.migration')) throw notSetUp('the schema private has no migrations');
    const migrations = await dump.query<{ name: string }>('SELECT name FROM private.migration ORDER BY timestamp');
    const versions = has('rollup.checkpoint')
      ? await dump.query<{ fold: string; version: number }>('SELECT fold, version FROM rollup.checkpoint')
      : [];
    const tables: Manifest['tables'][number][] = [];
    for (const table of all) {
      if (`${table.schema}.${table.name}` in LEFT_OUT) continue;
      const step = stepwise(say, `${table.schema}.${table.name}`);
      let rows = 0;
      await dir.write(tableFile(table), async (append) => {
        for await (const lines of dump.lines(table)) {
          const text = lines.map((line) => `${line}\n`).join('');
          await append(text);
          step.add(text.length);
          rows += lines.length;
        }
      });
      step.end(`${rows} rows`);
      tables.push({ ...table, rows });
    }
    return {
      tables,
      migrations: migrations.map(({ name }) => name),
      roll_ups: Object.fromEntries(versions.map(({ fold, version }) => [fold, version])),
    };
  } finally {
    await dump.close();
  }
}

const notSetUp = (why: string): BackupRefused =>
  new BackupRefused('backup.not-set-up', `This is no system of ClawButler: ${why}.`, 'Name the servers of a system that was started once.');
