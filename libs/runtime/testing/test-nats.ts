import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsAccess } from '../src/contract.js';
import { natsConf } from '../src/nats.js';
import type { NatsUsers } from '../src/nats-users.js';
import { eventually } from '../src/wait.js';
import { testDir } from './cleaner.js';
import { NatsProcess, PASSWORDS, READY_DEADLINE_MS, natsProgram } from './nats-process.js';

export interface TestNats {
  /** For `connect()`: everything is allowed; with `users` it is the administrator. */
  readonly access: NatsAccess;
  /** With `users`: each user of the embedded server. */
  readonly users: { readonly admin: NatsAccess; readonly app: NatsAccess; readonly reader: NatsAccess };
  /** `http://127.0.0.1:port`. */
  readonly monitorUrl: string;
  /** Where it keeps its streams. */
  readonly storeDir: string;
  readonly pid: () => number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and store; ends it first, the orderly way, where it runs. Resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it and removes its store. */
  stop(): Promise<void>;
}

/**
 * A nats-server of one's own with JetStream, on free loopback ports and an empty store.
 * @param syncAlways whether a write is on the disk when it is acknowledged; slow, so off unless asked for
 * @param users whether it demands credentials, with the permissions of the embedded server
 */
export async function startTestNats({ syncAlways = false, users = false } = {}): Promise<TestNats> {
  const program = await natsProgram();
  const dir = testDir();
  const server = new NatsProcess(program, join(dir.path, 'nats'));
  const configure = (port: number, monitorPort: number, portsFileDir?: string): void => {
    const more = { ...(users && { users: PASSWORDS }), ...(portsFileDir !== undefined && { portsFileDir }) };
    writeFileSync(server.confFile, natsConf({ port, monitorPort, storeDir: server.storeDir, syncAlways, ...more }));
  };
  configure(-1, -1, server.dir);
  server.start();
  const ports = await portsIn(server.dir).catch(() => {
    throw server.failed('does not start');
  });
  configure(ports.port, ports.monitorPort);
  const monitorUrl = `http://127.0.0.1:${ports.monitorPort}`;
  await server.ready(monitorUrl);
  const servers = [`nats://127.0.0.1:${ports.port}`];
  const as = (user: keyof NatsUsers): NatsAccess => (users ? { servers, user, pass: PASSWORDS[user] } : { servers });
  return {
    access: as('admin'),
    users: { admin: as('admin'), app: as('app'), reader: as('reader') },
    monitorUrl,
    storeDir: server.storeDir,
    pid: () => server.pid,
    kill: () => server.end('SIGKILL'),
    restart: async () => {
      await server.end('SIGTERM');
      server.start();
      await server.ready(monitorUrl);
    },
    stop: async () => {
      await server.end('SIGKILL');
      await dir.remove();
    },
  };
}

/** Asked for free ports the server writes those it took to a file. */
async function portsIn(dir: string): Promise<{ port: number; monitorPort: number }> {
  let ports: { nats: string[]; monitoring: string[] } | undefined;
  const written = await eventually(() => {
    const file = readdirSync(dir).find((name) => name.endsWith('.ports'));
    if (file === undefined) return false;
    try {
      ports = JSON.parse(readFileSync(join(dir, file), 'utf8')) as typeof ports;
      return true;
    } catch {
      return false; // half-written
    }
  }, READY_DEADLINE_MS);
  if (!written || ports === undefined) throw new Error('no ports file');
  const portOf = ([url = '']: string[]): number => Number(new URL(url).port);
  return { port: portOf(ports.nats), monitorPort: portOf(ports.monitoring) };
}
