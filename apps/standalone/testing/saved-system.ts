import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { DEFAULT_SIZES, type StreamSizes } from '@app/event-store';
import { edge } from '@app/edge';
import { newEvent } from '@app/kernel';
import { acceptStream } from '@app/log';
import { type RestoreManifest, acceptLog } from '@app/process';
import { TableDump } from '@app/read-store';
import { CONTEXTS } from '@app/contexts';
import { type TestDatabase, startTestNats, testDatabase, testDir } from '@app/runtime/testing';
import { bringBack } from '../src/backup/bring-back.js';
import { MANIFEST, MANIFEST_HASH, sha256 } from '../src/backup/manifest.js';
import { saveTo } from '../src/backup/save.js';
import { type Servers, type WholeSystem, openSystem, setUpSystem } from './whole-system.js';

const { HandshakeRejected } = edge.events;

export const KEY = 'ab'.repeat(32);
export const quiet = (): void => undefined;

/** A system at rest, its tables filled, and a backup of it. */
export interface SavedSystem {
  /** Goes with the test. */
  readonly dir: string;
  readonly saved: string;
  readonly from: Servers;
  readonly database: TestDatabase;
  readonly system: WholeSystem;
  close(): Promise<void>;
}

export async function openSavedSystem(): Promise<SavedSystem> {
  const dir = testDir();
  const saved = join(dir.path, 'saved');
  const [nats, database] = await Promise.all([startTestNats({ users: true }), testDatabase()]);
  const from = { nats: nats.access, databaseUrl: database.url };
  await setUpSystem(from);
  const system = await openSystem(from);
  await fillPrivate(system);
  for (let i = 0; i < 20; i++) await Promise.all([system.fact(), system.call(), system.sample(), system.store.nonces.first(`nonce-${i}`)]);
  // A heartbeat of the same agent removes its row of rejected handshakes.
  await system.store.telemetry.keep(newEvent(HandshakeRejected, HandshakeRejected.example), 'test', 5_000);
  await system.caughtUp();
  await saveTo(saved, { ...from, secretsKey: KEY }, quiet);
  const close = async (): Promise<void> => {
    await system.close();
    await nats.stop();
    await database.drop();
    await dir.remove();
  };
  return { dir: dir.path, saved, from, database, system, close };
}

/** A row in each table of `private`. */
async function fillPrivate({ db }: WholeSystem): Promise<void> {
  const soon = new Date(Date.now() + 600_000).toISOString();
  await db.query(`INSERT INTO private.edge_join_token VALUES ('join-1', 'h1', $1)`, [soon]);
  await db.query(`INSERT INTO private.instance_key VALUES ('key-1', 'sealed', $1)`, [soon]);
  await db.query(`INSERT INTO private.login_code VALUES ('h2', 'admin', $1, NULL)`, [soon]);
  await db.query(`INSERT INTO private.owed_revocation VALUES ('token-2', 'admin', 'command-1')`);
  await db.query(`INSERT INTO private.peer_secret VALUES ('secret-1', 'peer-1', 1, 'sealed', 'fp', $1)`, [soon]);
  await db.query(`INSERT INTO private.route_credential VALUES ('cred-1', 'rule-1', 'sealed', $1)`, [soon]);
  await db.query(`INSERT INTO private.service_probe VALUES ('prober', $1)`, [soon]);
  await db.query(`INSERT INTO private.service_token VALUES ('token-1', 'h3', E'a\\nb\\u2028"c"', 'viewer', NULL)`);
  await db.query(`INSERT INTO private.session VALUES ('session-1', 'h4', 'admin', $1)`, [soon]);
}

/** Empty servers, and a data directory that is not there yet. */
export interface EmptyTarget extends Servers {
  readonly dataDir: string;
  readonly nc: NatsConnection;
  stop(): Promise<void>;
}

let targets = 0;

export async function emptyTarget(dir: string): Promise<EmptyTarget> {
  const [server, empty] = await Promise.all([startTestNats(), testDatabase()]);
  const nc = await connect({ ...server.access });
  const stop = async (): Promise<void> => {
    await nc.close();
    await server.stop();
    await empty.drop();
  };
  return { nats: server.access, databaseUrl: empty.url, dataDir: join(dir, `target-${++targets}`), nc, stop };
}

/** What `npm run restore` does, on servers that run already. */
export const restore = (
  path: string,
  { nats, databaseUrl, dataDir }: EmptyTarget,
  more: { readonly signal?: AbortSignal; readonly say?: (words: string) => void } = {},
): ReturnType<typeof bringBack> => {
  const external = { natsUrl: nats.servers[0], databaseUrl, valkeyUrl: 'none' };
  return bringBack(path, { dataDir, external, replicas: 1, ...(more.signal && { signal: more.signal }) }, more.say ?? quiet);
};

/** What an operator runs next: `npm run log -- accept --restored --confirm=<instance_id>`. Resolves to the lines that it says. */
export async function acceptRestored(servers: Servers, manifest: RestoreManifest, sizes: StreamSizes = DEFAULT_SIZES): Promise<string[]> {
  const said: string[] = [];
  const asked = { confirm: manifest.instance_id, restored: true, manifest, say: (words: string) => void said.push(words) };
  await acceptLog(servers.nats, { ...servers, sizes, logLevel: 'silent' }, CONTEXTS, acceptStream, asked);
  return said;
}

/** Changes the manifest of a backup and its hash, as another release would have written them. */
export function rewrite(path: string, change: (manifest: any) => void): void {
  const manifest: unknown = JSON.parse(readFileSync(join(path, MANIFEST), 'utf8'));
  change(manifest);
  const text = JSON.stringify(manifest);
  writeFileSync(join(path, MANIFEST), text);
  writeFileSync(join(path, MANIFEST_HASH), `${sha256(text)}  ${MANIFEST}\n`);
}

/** Everything that a restore could have changed. */
export async function stateOf({ nc, databaseUrl, dataDir }: EmptyTarget): Promise<object> {
  const jsm = await jetstreamManager(nc);
  return {
    streams: (await jsm.streams.names().next()).toSorted(),
    tables: Object.keys(await rowsOf(databaseUrl, ['private', 'rollup', 'read'])),
    dataDir: existsSync(dataDir) ? readdirSync(dataDir) : null,
  };
}
export const NOTHING = { streams: [], tables: [], dataDir: null };

/** The rows of every table of these schemas, sorted. */
export async function rowsOf(url: string, schemas: readonly string[]): Promise<Record<string, string[]>> {
  const dump = await TableDump.open(url);
  try {
    const all: Record<string, string[]> = {};
    for (const table of await dump.tables(schemas)) {
      const rows: string[] = [];
      for await (const lines of dump.lines(table)) rows.push(...lines);
      all[`${table.schema}.${table.name}`] = rows.toSorted();
    }
    return all;
  } finally {
    await dump.close();
  }
}

/** Each message of a stream, with all that is stored of it. */
export async function messagesOf(nc: NatsConnection, stream: string): Promise<Map<number, string>> {
  const jsm = await jetstreamManager(nc);
  const { first_seq, last_seq } = (await jsm.streams.info(stream)).state;
  const all = new Map<number, string>();
  for (let seq = Math.max(first_seq, 1); seq <= last_seq; seq++) {
    const message = await jsm.streams.getMessage(stream, { seq });
    if (message === null) continue;
    all.set(seq, `${message.timestamp} ${message.subject} ${[...message.header].join('|')} ${message.string()}`);
  }
  return all;
}
