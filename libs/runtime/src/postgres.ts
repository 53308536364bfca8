import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type RuntimeLog, StartRefused } from './contract.js';
import { SupervisedChild } from './child.js';
import { ownedDir, writeWhole } from './files.js';
import { stopOrphan } from './orphan.js';
import { rememberedPort } from './ports.js';
import type { PostgresProgram } from './postgres-program.js';
import { run } from './programs/program.js';
import type { Account } from './run-as.js';

const SUPERUSER = 'postgres';
/** Owner and database of the system: it may do everything there and nothing outside. */
const OWNER = 'clawbutler';
const INITDB_TIMEOUT_MS = 120_000;
const PROBE_TIMEOUT_MS = 2_000;
/** `sun_path` ends at 107 bytes, and PostgreSQL adds `/.s.PGSQL.<port>.lock`. */
const LONGEST_SOCKET_DIR_BYTES = 80;

export interface PostgresOptions {
  readonly dir: string;
  readonly account: Account | null;
  readonly superuserPassword: string;
  readonly log: RuntimeLog;
}

/** Makes the database files where they are missing: complete or not at all. */
export async function initPostgres(program: PostgresProgram, { dir, account, superuserPassword, log }: PostgresOptions): Promise<string> {
  const data = join(dir, 'data');
  const partial = join(dir, 'data.partial');
  if (existsSync(data)) {
    ownedDir(data, account);
    const major = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
    if (major === program.major) return data;
    throw new StartRefused(
      'runtime.data-of-another-version',
      `${data} is of PostgreSQL ${major}; this version brings PostgreSQL ${program.major}.`,
      'Start the version that made it and move the data with pg_dump, or drop it: facts are in NATS, secrets and logins are not.',
    );
  }
  log('info', 'Preparing PostgreSQL (first start) ...');
  rmSync(partial, { recursive: true, force: true });
  ownedDir(partial, account);
  const passwordFile = join(dir, 'password');
  writeWhole(passwordFile, superuserPassword, 0o600, account);
  const args = ['-D', partial, '-U', SUPERUSER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C'];
  const made = await run(program.initdb, args, { timeoutMs: INITDB_TIMEOUT_MS, cwd: '/', account });
  rmSync(passwordFile);
  if (!made.ok) {
    throw new StartRefused(
      'runtime.server-failed',
      `PostgreSQL cannot make its files in ${dir}: ${made.output.trim()}`,
      'Free disk space?',
    );
  }
  renameSync(partial, data);
  return data;
}

export interface EmbeddedPostgres {
  readonly child: SupervisedChild;
  readonly url: string;
  /** Makes the system's role and database where they are missing. To be called when the child answers. */
  readonly provision: () => Promise<void>;
}

/** PostgreSQL in `dir`, its files made, not started yet. */
export async function embeddedPostgres(
  program: PostgresProgram,
  options: PostgresOptions & { readonly ownerPassword: string; readonly settings?: readonly string[] },
): Promise<EmbeddedPostgres> {
  const { dir, account, superuserPassword, ownerPassword, log, settings = [] } = options;
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  const data = await initPostgres(program, options);
  // "fast": rolls open transactions back; SIGTERM would wait for the clients to leave
  const identity = { name: 'postgres', title: 'PostgreSQL', account, pidFile: join(dir, 'pid'), stopSignal: 'SIGINT' } as const;
  await stopOrphan(identity, log);
  const socketDir = join(dir, 'socket');
  ownedDir(socketDir, account);
  const port = await rememberedPort(join(dir, 'port'), 'PostgreSQL', log);
  const asSuperuser = { host: '127.0.0.1', port, user: SUPERUSER, password: superuserPassword, database: 'postgres' };
  const child = new SupervisedChild(
    {
      ...identity,
      file: program.postgres,
      args: ['-D', data, ...postgresSettings(port, socketDir, settings)],
      logFile: join(dir, 'postgres.log'),
      prepare: () => removeStalePidFile(data),
      answers: async () => (await query(asSuperuser, 'SELECT 1')).length === 1,
    },
    log,
  );
  const url = `postgres://${OWNER}:${ownerPassword}@127.0.0.1:${port}/${OWNER}`;
  return { child, url, provision: () => provision(asSuperuser, ownerPassword) };
}

export function postgresSettings(port: number, socketDir: string, more: readonly string[]): string[] {
  const socket = Buffer.byteLength(socketDir) <= LONGEST_SOCKET_DIR_BYTES ? socketDir : '';
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${socket}`,
    'unix_socket_permissions=0700',
    ...more,
  ];
  return settings.flatMap((setting) => ['-c', setting]);
}

/**
 * PostgreSQL refuses to start while the pid in its pid file belongs to any process of its user. After a kill that may be a
 * zombie that nobody reaps, or someone else by now (in a container it usually is). We hold the lock of the directory and know
 * our own child is gone: only a living postgres is taken for one. (Should it be backends that have not noticed yet: those a
 * start finds by their shared memory, without the file.)
 */
function removeStalePidFile(data: string): void {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file) || process.platform !== 'linux') return;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  try {
    if (/^\d+ \(postgres\) [^ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return;
  } catch {
    // no such process
  }
  rmSync(file, { force: true });
}

async function provision(asSuperuser: pg.ClientConfig, ownerPassword: string): Promise<void> {
  const roles = await query(asSuperuser, 'SELECT 1 FROM pg_roles WHERE rolname = $1', [OWNER]);
  if (roles.length === 0) {
    // a statement that fails is logged, and this one holds a password
    await query(asSuperuser, `SET log_min_error_statement = panic; CREATE ROLE ${OWNER} LOGIN PASSWORD '${ownerPassword}'`);
  }
  const databases = await query(asSuperuser, 'SELECT 1 FROM pg_database WHERE datname = $1', [OWNER]);
  if (databases.length === 0) await query(asSuperuser, `CREATE DATABASE ${OWNER} OWNER ${OWNER} TEMPLATE template0`);
}

async function query(config: pg.ClientConfig, text: string, values?: unknown[]): Promise<unknown[]> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: PROBE_TIMEOUT_MS });
  client.on('error', () => undefined); // a connection that breaks later rejects the query too
  try {
    await client.connect();
    return (await client.query(text, values)).rows as unknown[];
  } finally {
    await client.end();
  }
}
