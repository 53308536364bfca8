import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnRecorded } from '../src/child.js';
import type { NatsAccess } from '../src/contract.js';
import { natsAnswers, natsConf } from '../src/nats.js';
import type { NatsUsers } from '../src/nats-users.js';
import type { Missing, Program } from '../src/programs/program.js';
import { eventually } from '../src/wait.js';
import { fromHouse } from './house.js';
import { testDir } from './janitor.js';

export interface TestNats {
  /** For `connect()`: everything is allowed; with `users` it is the administrator. */
  readonly access: NatsAccess;
  /** With `users`: each user of the embedded server. */
  readonly users: { readonly admin: NatsAccess; readonly app: NatsAccess; readonly reader: NatsAccess };
  /** `http://127.0.0.1:port`. */
  readonly monitorUrl: string;
  readonly pid: () => number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and store; ends it first, the orderly way, where it runs. Resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it and removes its store. */
  stop(): Promise<void>;
}

const READY_DEADLINE_MS = 20_000;
const PASSWORDS: NatsUsers = { admin: 'test-admin', app: 'test-app', reader: 'test-reader' };

/**
 * A nats-server of one's own with JetStream, on free loopback ports and an empty store.
 * @param syncAlways whether a write is on the disk when it is acknowledged; slow, so off unless asked for
 * @param users whether it demands credentials, with the permissions of the embedded server
 */
export async function startTestNats({ syncAlways = false, users = false } = {}): Promise<TestNats> {
  const program = await fromHouse<Program | Missing>('/nats-server');
  if ('missing' in program) throw new Error(program.missing);
  const dir = testDir();
  const own = join(dir.path, 'nats');
  mkdirSync(join(own, 'store'), { recursive: true });
  const files = { conf: join(own, 'nats.conf'), pidFile: join(own, 'pid'), logFile: join(own, 'log') };
  const configure = (port: number, monitorPort: number, portsFileDir?: string): void => {
    const more = { ...(users && { users: PASSWORDS }), ...(portsFileDir !== undefined && { portsFileDir }) };
    writeFileSync(files.conf, natsConf({ port, monitorPort, storeDir: join(own, 'store'), syncAlways, ...more }));
  };
  let server: ChildProcess | undefined;
  const start = (): ChildProcess => (server = spawnRecorded({ file: program.file, args: ['-c', files.conf], account: null, ...files }));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await gone;
    rmSync(files.pidFile, { force: true });
  };
  const failed = (what: string): Error => new Error(`nats-server ${what}: ${readFileSync(files.logFile, 'utf8').slice(-500)}`);

  configure(-1, -1, own);
  start();
  const ports = await portsIn(own).catch(() => {
    throw failed('does not start');
  });
  configure(ports.port, ports.monitorPort);
  const monitorUrl = `http://127.0.0.1:${ports.monitorPort}`;
  const ready = async (): Promise<void> => {
    if (!(await eventually(() => natsAnswers(monitorUrl).catch(() => false), READY_DEADLINE_MS))) throw failed('does not answer');
  };
  await ready();
  const servers = [`nats://127.0.0.1:${ports.port}`];
  const as = (user: keyof NatsUsers): NatsAccess => (users ? { servers, user, pass: PASSWORDS[user] } : { servers });
  return {
    access: as('admin'),
    users: { admin: as('admin'), app: as('app'), reader: as('reader') },
    monitorUrl,
    pid: () => server?.pid ?? 0,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      start();
      await ready();
    },
    stop: async () => {
      await end('SIGKILL');
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
