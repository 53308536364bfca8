import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { DEFAULT_SIZES, declared } from '@app/event-store';
import { RESTORING, type RunningServers, type ServersOptions, StartRefused, startServers } from '@app/runtime';
import { BackupRefused } from './refused.js';

/** What a file system brings, and what a start that got no further left. */
const NEUTRAL = new Set(['lock', 'holder.json', 'lost+found']);
const SCHEMAS = "nspname IN ('private', 'rollup', 'read') OR nspname LIKE 'rm\\_%'";

/**
 * Servers that hold nothing yet, on a data directory that holds nothing yet. While they are being filled the directory is marked, so that no
 * system starts on a part of a backup.
 */
export class RestoreTarget {
  private readonly made: string[] = [];
  private isFilling = false;

  private constructor(
    readonly servers: RunningServers,
    readonly nc: NatsConnection,
    private readonly existed: boolean,
  ) {}

  /** Throws `BackupRefused` when there is something already; nothing was changed then. */
  static async open(options: ServersOptions): Promise<RestoreTarget> {
    const dir = resolve(options.dataDir);
    const existed = existsSync(dir);
    const found = existed ? readdirSync(dir).find((name) => !NEUTRAL.has(name)) : undefined;
    if (found !== undefined) throw notEmpty(`The data directory ${dir} is in use: it holds ${found}.`);
    const servers = await startServers(options).catch((error: unknown) => {
      if (!(error instanceof StartRefused) || !error.code.startsWith('runtime.data-dir-')) clear(dir, existed); // Else it is another's.
      throw error;
    });
    let nc: NatsConnection | undefined;
    try {
      writeFileSync(join(dir, RESTORING), `${JSON.stringify({ since: new Date() })}\n`, { mode: 0o600 });
      nc = await connect({ ...servers.nats.admin, name: 'clawbutler restore', reconnect: false });
      await assertNoStreams(nc);
      await assertNoTables(servers.databaseUrl);
      return new RestoreTarget(servers, nc, existed);
    } catch (error) {
      await nc?.close();
      await servers.stop();
      clear(dir, existed);
      throw error;
    }
  }

  /** Notes what is made from here on, so that `abandon` removes it. */
  filling(stream?: string): void {
    this.isFilling = true;
    if (stream !== undefined) this.made.push(stream);
  }

  /** Removes what was made, on the servers and in the directory. */
  async abandon(): Promise<void> {
    const { dataDir, databaseUrl } = this.servers;
    try {
      if (this.isFilling) await removeSchemas(databaseUrl);
      if (this.made.length > 0 && !this.nc.isClosed()) {
        const jsm = await jetstreamManager(this.nc, { checkAPI: false });
        for (const name of this.made) await jsm.streams.delete(name).catch(() => undefined); // It may not have come to be.
      }
    } finally {
      await this.close();
      clear(dataDir, this.existed);
    }
  }

  async close(): Promise<void> {
    await this.nc.close();
    await this.servers.stop();
  }

  /** The directory may be started from here on. */
  complete(): void {
    rmSync(join(this.servers.dataDir, RESTORING));
  }
}

async function assertNoStreams(nc: NatsConnection): Promise<void> {
  const ours = new Set(declared(DEFAULT_SIZES).map(({ name }) => name));
  const found: string[] = [];
  for await (const name of (await jetstreamManager(nc, { checkAPI: false })).streams.names()) if (ours.has(name)) found.push(name);
  if (found.length > 0) throw notEmpty(`NATS is in use: it has ${found.join(', ')}.`);
}

async function assertNoTables(url: string): Promise<void> {
  const rows = await query<{ name: string }>(
    url,
    `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${SCHEMAS} LIMIT 1`,
  );
  if (rows[0] !== undefined) throw notEmpty(`PostgreSQL is in use: it has ${rows[0].name}.`);
}

/** Only after `assertNoTables`: whatever they hold is of this restore. */
async function removeSchemas(url: string): Promise<void> {
  const schemas = await query<{ name: string }>(url, `SELECT quote_ident(nspname) AS name FROM pg_namespace WHERE ${SCHEMAS}`);
  for (const { name } of schemas) await query(url, `DROP SCHEMA ${name} CASCADE`);
}

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'clawbutler restore', connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // The statement under way rejects as well.
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Empties a data directory that was empty before; `keep`: it was there. The servers' data may lie in another directory, which it names. */
function clear(dir: string, keep: boolean): void {
  if (!existsSync(dir)) return;
  const marker = join(dir, 'clawbutler.json');
  const { servers_dir } = existsSync(marker) ? (JSON.parse(readFileSync(marker, 'utf8')) as { servers_dir?: string }) : {};
  if (servers_dir !== undefined) rmSync(servers_dir, { recursive: true, force: true });
  for (const name of readdirSync(dir)) if (name !== 'lost+found') rmSync(join(dir, name), { recursive: true, force: true });
  if (!keep) rmSync(dir, { recursive: true, force: true });
}

const notEmpty = (why: string): BackupRefused =>
  new BackupRefused(
    'restore.not-empty',
    `${why} A restore never overwrites. Nothing was changed.`,
    'Name a data directory that is empty or does not exist, and servers that hold nothing of ClawButler: --data-dir, NATS_URL, DATABASE_URL.',
  );
