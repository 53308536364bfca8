import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsAccess } from '../src/contract.js';
import { natsConf } from '../src/nats.js';
import type { NatsUsers } from '../src/nats-users.js';
import { rememberedPort } from '../src/ports.js';
import { testDir } from './cleaner.js';
import { NatsProcess, PASSWORDS, natsProgram } from './nats-process.js';

/** Of one server what its configuration has to say. */
export interface ClusterMember {
  readonly name: string;
  readonly port: number;
  readonly monitorPort: number;
  /** Where the other servers reach it. */
  readonly routePort: number;
  readonly dir: string;
  readonly storeDir: string;
  /** `nats://127.0.0.1:port` of every server's route port, its own too. */
  readonly routes: readonly string[];
}

export interface TestClusterNode extends ClusterMember {
  /** `http://127.0.0.1:port`. */
  readonly monitorUrl: string;
  readonly pid: () => number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on its ports and store; ends it first, the orderly way, where it runs. Resolves when it answers. */
  restart(): Promise<void>;
}

export interface TestCluster {
  /** For `connect()`, naming every server: everything is allowed; with `users` it is the administrator. */
  readonly access: NatsAccess;
  /** With `users`: each user of the embedded server. */
  readonly users: { readonly admin: NatsAccess; readonly app: NatsAccess; readonly reader: NatsAccess };
  readonly nodes: readonly TestClusterNode[];
  /** Ends them and removes their stores. */
  stop(): Promise<void>;
}

export interface TestClusterOptions {
  readonly size?: 1 | 3 | 5;
  /** Whether a write is on the disk when it is acknowledged; slow, so off unless asked for. */
  readonly syncAlways?: boolean;
  /** Whether it demands credentials, with the permissions of the embedded server. */
  readonly users?: boolean;
  /** The arguments of one nats-server, where a test brings configurations of its own; the other options are for it to heed then. */
  readonly args?: (member: ClusterMember) => readonly string[];
}

/** nats-servers of one's own with JetStream as one cluster, on free loopback ports and empty stores. Resolves when all answer. */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const program = await natsProgram();
  const dir = testDir();
  const servers = Array.from({ length: options.size ?? 3 }, (_, i) => new NatsProcess(program, join(dir.path, `n${i + 1}`)));
  const members = await membersOf(servers);
  const argsOf = options.args ?? ((member) => ['-c', confOf(member, options)]);
  const nodes = servers.map((server, i) => nodeOf(server, members[i]!, argsOf));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.end('SIGKILL')));
    await dir.remove();
  };
  try {
    await Promise.all(nodes.map((node) => node.restart())); // All at once: none answers before it knows a leader of them.
  } catch (error) {
    await stop();
    throw error;
  }
  const urls = members.map(({ port }) => `nats://127.0.0.1:${port}`);
  const as = (user: keyof NatsUsers): NatsAccess =>
    options.users === true ? { servers: urls, user, pass: PASSWORDS[user] } : { servers: urls };
  return { access: as('admin'), users: { admin: as('admin'), app: as('app'), reader: as('reader') }, nodes, stop };
}

async function membersOf(servers: readonly NatsProcess[]): Promise<ClusterMember[]> {
  const routes: string[] = [];
  const members: ClusterMember[] = [];
  for (const [i, { dir, storeDir }] of servers.entries()) {
    const port = (which: string): Promise<number> => rememberedPort(join(dir, which), 'NATS', () => undefined);
    const [client, monitorPort, routePort] = [await port('port'), await port('monitor-port'), await port('route-port')];
    routes.push(`nats://127.0.0.1:${routePort}`);
    members.push({ name: `n${i + 1}`, port: client, monitorPort, routePort, dir, storeDir, routes });
  }
  return members;
}

/** Writes the configuration of one server; where it is. */
function confOf({ name, port, monitorPort, routePort, dir, storeDir, routes }: ClusterMember, options: TestClusterOptions): string {
  const { syncAlways = false, users = false } = options;
  const file = join(dir, 'nats.conf');
  const cluster = `cluster { name: test, listen: "127.0.0.1:${routePort}", routes: ${JSON.stringify(routes)} }\n`;
  writeFileSync(file, natsConf({ name, port, monitorPort, storeDir, syncAlways, ...(users && { users: PASSWORDS }) }) + cluster);
  return file;
}

function nodeOf(server: NatsProcess, member: ClusterMember, argsOf: (member: ClusterMember) => readonly string[]): TestClusterNode {
  const monitorUrl = `http://127.0.0.1:${member.monitorPort}`;
  const args = argsOf(member);
  return {
    ...member,
    monitorUrl,
    pid: () => server.pid,
    kill: () => server.end('SIGKILL'),
    restart: async () => {
      await server.end('SIGTERM');
      server.start(args);
      await server.ready(monitorUrl);
    },
  };
}
