import { join } from 'node:path';
import type { NatsAccess, RuntimeLog } from './contract.js';
import { SupervisedChild } from './child.js';
import { ownedDir, writeConfiguration } from './files.js';
import { natsNeedsRestart } from './nats-disk.js';
import { accounts, type NatsUsers } from './nats-users.js';
import { stopOrphan } from './orphan.js';
import { rememberedPort } from './ports.js';
import type { Program } from './programs/program.js';
import type { Account } from './run-as.js';

/** What the streams together may reserve, each by its own limit; not what they use. Free disk is watched elsewhere. */
const MAX_FILE_STORE_BYTES = 2 ** 40;
const MAX_MEMORY_STORE_BYTES = 256 * 2 ** 20;
const PROBE_TIMEOUT_MS = 1_000;

export interface NatsConf {
  /** Of a cluster, no two servers have the same. */
  readonly name?: string;
  readonly port: number;
  readonly monitorPort: number;
  /** `/...`: the monitor answers below this path alone. It has no credentials, so a path that cannot be guessed stands for them. */
  readonly monitorPath?: string;
  readonly storeDir: string;
  readonly users?: NatsUsers;
  /** Whether a write is acknowledged only when it is on the disk. */
  readonly syncAlways: boolean;
  readonly portsFileDir?: string;
}

/** The server's configuration file. JSON strings are valid in it, so paths need no other quoting. */
export function natsConf(conf: NatsConf): string {
  const { name = 'clawbutler', port, monitorPort, monitorPath = '/', storeDir, users, syncAlways, portsFileDir } = conf;
  return `server_name: ${name}
listen: "127.0.0.1:${port}"
http: "127.0.0.1:${monitorPort}"
http_base_path: "${monitorPath}"
jetstream {
  store_dir: ${JSON.stringify(storeDir)}
  ${syncAlways ? 'sync_interval: always' : ''}
  max_file_store: ${MAX_FILE_STORE_BYTES}
  max_memory_store: ${MAX_MEMORY_STORE_BYTES}
}
${portsFileDir === undefined ? '' : `ports_file_dir: ${JSON.stringify(portsFileDir)}\n`}${users === undefined ? '' : accounts(users)}`;
}

/** Whether the server behind this monitor is up, streams and consumers read back. */
export async function natsAnswers(monitorUrl: string): Promise<boolean> {
  return (await fetch(`${monitorUrl}/healthz`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })).ok;
}

export interface EmbeddedNats {
  readonly child: SupervisedChild;
  readonly monitorUrl: string;
  readonly access: { readonly admin: NatsAccess; readonly app: NatsAccess; readonly reader: NatsAccess };
}

/** NATS in `dir`, not started yet. Passwords are in its configuration file and nowhere else outside. */
export async function embeddedNats(
  program: Program,
  { dir, account, secret, log }: { dir: string; account: Account | null; secret: (name: string) => string; log: RuntimeLog },
): Promise<EmbeddedNats> {
  const storeDir = join(dir, 'store');
  ownedDir(storeDir, account);
  const identity = { name: 'nats', title: 'NATS', account, pidFile: join(dir, 'pid'), stopSignal: 'SIGTERM' } as const;
  await stopOrphan(identity, log);
  const port = await rememberedPort(join(dir, 'port'), 'NATS', log);
  const monitorPort = await rememberedPort(join(dir, 'monitor-port'), 'the NATS monitor', log);
  const users = { admin: secret('nats-admin'), app: secret('nats-app'), reader: secret('nats-reader') };
  const monitorPath = `/${secret('nats-monitor')}`;
  const conf = join(dir, 'nats.conf');
  writeConfiguration(conf, natsConf({ port, monitorPort, monitorPath, storeDir, users, syncAlways: true }), account);
  const monitorUrl = `http://127.0.0.1:${monitorPort}${monitorPath}`;
  const child = new SupervisedChild(
    {
      ...identity,
      file: program.file,
      args: ['-c', conf],
      logFile: join(dir, 'nats.log'),
      answers: () => natsAnswers(monitorUrl),
      stuck: async () =>
        (await natsNeedsRestart(storeDir, monitorUrl))
          ? 'its disk was full, and it takes no writes though there is space again.'
          : undefined,
    },
    log,
  );
  const as = (user: keyof NatsUsers): NatsAccess => ({ servers: [`nats://127.0.0.1:${port}`], user, pass: users[user] });
  return { child, monitorUrl, access: { admin: as('admin'), app: as('app'), reader: as('reader') } };
}
