import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SupervisedChild } from './child.js';
import { type NatsAccess, type RunningServers, type RuntimeLog, type ServersOptions, StartRefused } from './contract.js';
import { type DataDir, openDataDir } from './data-dir.js';
import { embeddedNats } from './nats.js';
import { embeddedPostgres } from './postgres.js';
import { withOwnGroup } from './own-group.js';
import { postgresProgram } from './postgres-program.js';
import { reachable } from './private-copy.js';
import { findProgram } from './programs/find.js';
import { type Account, serverAccount } from './run-as.js';
import { embeddedValkey } from './valkey.js';

/** What each of the three needs to come up. */
interface Surroundings {
  readonly data: DataDir;
  readonly account: Account | null;
  readonly cacheDirs: readonly string[];
  readonly log: RuntimeLog;
  readonly signal?: AbortSignal;
  /** In the order in which they are stopped. */
  readonly children: { valkey?: SupervisedChild; postgres?: SupervisedChild; nats?: SupervisedChild };
}

/**
 * Opens `dataDir` and starts what `external` does not name: nats-server, PostgreSQL and Valkey as supervised children, all at
 * once. Resolves when they answer. Without a Valkey it goes on and says why; without one of the others it does not.
 * @throws StartRefused everything that was started is stopped again then
 */
export async function startServers(options: ServersOptions): Promise<RunningServers> {
  const { external = {}, log, signal } = options;
  const embedded = !(external.natsUrl && external.databaseUrl && external.valkeyUrl);
  const runsAs = embedded ? serverAccount() : null;
  const data = openDataDir(options.dataDir, runsAs, log);
  const account = withOwnGroup(runsAs, data.serversDir, log);
  const cacheDirs = [options.cacheDir ?? join(projectDir(), '.cache'), join(data.path, 'cache')];
  const surroundings: Surroundings = { data, account, cacheDirs, log, ...(signal && { signal }), children: {} };
  const stopChildren = async (): Promise<void> => {
    for (const child of [surroundings.children.valkey, surroundings.children.postgres, surroundings.children.nats]) await child?.stop();
  };
  const stop = async (): Promise<void> => {
    await stopChildren();
    data.close();
  };
  const starts = [
    external.natsUrl ? Promise.resolve(externalNats(external.natsUrl, external.natsMonitorUrl)) : startNats(surroundings),
    external.databaseUrl ? Promise.resolve(external.databaseUrl) : startPostgres(surroundings),
    external.valkeyUrl ? Promise.resolve({ valkeyUrl: external.valkeyUrl }) : startValkey(surroundings),
  ] as const;
  const giveUp = (): void => void stopChildren();
  signal?.addEventListener('abort', giveUp, { once: true });
  await Promise.allSettled(starts); // all, so that none comes up behind our back
  signal?.removeEventListener('abort', giveUp); // From here on whoever called stops us, last and in order.
  const [nats, databaseUrl, valkey] = await Promise.all(starts).catch(async (error: unknown) => {
    await stop();
    throw signal?.aborted ? interrupted() : error;
  });
  return {
    dataDir: data.path,
    serversDir: data.serversDir,
    ...nats,
    databaseUrl,
    ...valkey,
    children: () => Object.values(surroundings.children).map((child) => child.status()),
    secret: data.secret,
    stop,
  };
}

function externalNats(natsUrl: string, monitorUrl: string | undefined): Pick<RunningServers, 'nats' | 'natsMonitorUrl'> {
  const access = natsAccessOf(natsUrl);
  return { nats: { admin: access, app: access }, ...(monitorUrl ? { natsMonitorUrl: monitorUrl } : {}) };
}

/** `nats://user:password@a:4222,b:4222` as the client takes it: credentials apart from the addresses. */
export function natsAccessOf(natsUrl: string): NatsAccess {
  const [, scheme = 'nats://', credentials, hosts = ''] = /^([a-z]+:\/\/)?(?:([^@/]*)@)?(.*)$/.exec(natsUrl) ?? [];
  const servers = hosts.split(',').map((host) => `${scheme}${host}`);
  if (credentials === undefined) return { servers };
  const [user = '', pass] = credentials.split(':').map(decodeURIComponent);
  return pass === undefined ? { servers, token: user } : { servers, user, pass };
}

async function startNats(servers: Surroundings): Promise<Pick<RunningServers, 'nats' | 'natsMonitorUrl'>> {
  const { data, account, cacheDirs, log, signal } = servers;
  const found = await findProgram('nats-server', { cacheDirs, log, signal, insist: true });
  if ('missing' in found) throw new StartRefused('runtime.server-missing', found.missing, 'Or use a NATS that runs already: NATS_URL=...');
  const dir = serverDir(servers, 'nats');
  const program = reachable(found, 'nats-server', join(data.serversDir, 'bin'), account);
  const nats = await embeddedNats(program, { dir, account, secret: data.secret, log });
  await started((servers.children.nats = nats.child), `NATS ${program.version}`, servers);
  return { nats: nats.access, natsMonitorUrl: nats.monitorUrl };
}

async function startPostgres(servers: Surroundings): Promise<string> {
  const { data, account, log } = servers;
  const program = postgresProgram(join(data.serversDir, 'bin'), account);
  const passwords = { superuserPassword: data.secret('postgres-superuser'), ownerPassword: data.secret('postgres-clawbutler') };
  const postgres = await embeddedPostgres(program, { dir: serverDir(servers, 'postgres'), account, ...passwords, log });
  await started((servers.children.postgres = postgres.child), `PostgreSQL ${program.major}`, servers);
  await postgres.provision();
  return postgres.url;
}

/** The system does without Valkey; so whatever is wrong with it is told and no more. */
async function startValkey(servers: Surroundings): Promise<Pick<RunningServers, 'valkeyUrl' | 'valkeyMissing'>> {
  const { data, account, cacheDirs, log } = servers;
  const without = (why: string): Pick<RunningServers, 'valkeyUrl' | 'valkeyMissing'> => {
    log('warn', `Valkey is not running: ${why}`);
    return { valkeyUrl: null, valkeyMissing: why };
  };
  const found = await findProgram('valkey-server', { cacheDirs, log, signal: servers.signal });
  if ('missing' in found) return without(found.missing);
  const program = reachable(found, 'valkey-server', join(data.serversDir, 'bin'), account);
  const valkey = await embeddedValkey(program, { dir: serverDir(servers, 'valkey'), account, secret: data.secret, log });
  try {
    await started((servers.children.valkey = valkey.child), `Valkey ${program.version}`, servers);
    return { valkeyUrl: valkey.url };
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    return without(`${error.message} ${error.next}`);
  }
}

const interrupted = (): StartRefused => new StartRefused('runtime.start-interrupted', 'The start was interrupted.', 'Start again.');

async function started(child: SupervisedChild, title: string, { log, signal }: Surroundings): Promise<void> {
  if (!signal?.aborted) await child.start();
  if (signal?.aborted) throw interrupted();
  log('info', `${title} runs (process ${child.status().pid}).`);
}

/** Where one server keeps everything. Passed through by the account, and with a group of its own by no one else. */
function serverDir({ data, account }: Surroundings, name: string): string {
  const dir = join(data.serversDir, name);
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  if (account?.hasOwnGroup !== true) return dir;
  chownSync(dir, process.getuid?.() ?? 0, account.gid);
  chmodSync(dir, 0o710);
  return dir;
}

/** Where package.json is, seen from the sources as from the build. */
function projectDir(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json')) && dir !== dirname(dir)) dir = dirname(dir);
  return dir;
}
