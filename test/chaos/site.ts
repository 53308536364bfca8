import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsAccess, RuntimeLog } from '../../libs/runtime/src/contract.js';
import type { SupervisedChild } from '../../libs/runtime/src/child.js';
import { eventually } from '../../libs/runtime/src/wait.js';
import {
  type SmallDisk,
  type TestDir,
  smallDisk,
  startNatsOn,
  startTestCluster,
  startTestPostgres,
  testDir,
} from '../../libs/runtime/testing/index.js';
import type { Mode } from './schedule.js';

/** Context for the log of a round, and what the reserve of the disk watch takes. */
const DISK_MIB = 384;
const BACK_MS = 120_000;

export interface Node {
  /** Where the client reaches it. */
  readonly url: string;
  readonly monitorUrl: string;
  pid(): number;
  /** SIGKILL; it stays dead for `holdMs` or until its supervisor starts it. Resolves when it answers again. */
  killFor(holdMs: number): Promise<void>;
}

/** The servers of one round. */
export interface Site {
  readonly nodes: readonly Node[];
  /** As the administrator, past every proxy. */
  readonly access: NatsAccess;
  readonly databaseUrl: string;
  readonly postgres: Pick<SupervisedChild, 'status'>;
  /** undefined: this machine mounts none, or the log is on several disks. */
  readonly disk: SmallDisk | undefined;
  stop(): Promise<void>;
}

/** Single: NATS supervised, as a single node has it. Cluster: three nats-servers. PostgreSQL is supervised in both. */
export async function openSite(mode: Mode, log: RuntimeLog): Promise<Site> {
  const dir = testDir();
  const stops: (() => Promise<unknown>)[] = [() => dir.remove()];
  const stop = async (): Promise<void> => {
    for (const one of stops.toReversed()) await one();
  };
  try {
    const postgres = await startTestPostgres(dir.path, log, ['max_connections=100']);
    stops.push(() => postgres.child.stop());
    const nats = mode === 'single' ? await singleNode(dir) : { ...(await cluster()), disk: undefined };
    stops.push(nats.stop);
    return { ...nats, databaseUrl: postgres.url, postgres: postgres.child, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Nats = Pick<Site, 'nodes' | 'access' | 'stop'>;

async function singleNode(dir: TestDir): Promise<Nats & Pick<Site, 'disk'>> {
  const disk = smallDisk(DISK_MIB);
  const path = join(dir.path, 'log');
  if (disk === undefined) mkdirSync(path);
  const nats = await startNatsOn(disk ?? { path });
  const { access, monitorUrl, child } = nats;
  const pid = (): number => pidOf(child);
  const node: Node = {
    url: [access.servers].flat()[0] ?? '',
    monitorUrl,
    pid,
    killFor: async () => {
      const killed = pid();
      process.kill(killed, 'SIGKILL');
      await back(child, killed, 'NATS');
    },
  };
  const all = async (): Promise<void> => {
    await nats.stop();
    await disk?.remove();
  };
  return { nodes: [node], access, disk, stop: all };
}

async function cluster(): Promise<Nats> {
  const started = await startTestCluster({ syncAlways: true });
  const nodes = started.nodes.map((node) => ({
    url: `nats://127.0.0.1:${node.port}`,
    monitorUrl: node.monitorUrl,
    pid: node.pid,
    killFor: async (holdMs: number) => {
      await node.kill();
      await delay(holdMs);
      await node.restart().catch(() => undefined); // It answers when it knows a leader, and others may be dead at this moment.
    },
  }));
  return { access: started.access, nodes, stop: () => started.stop() };
}

/** A supervised server that its supervisor is about to start again. */
export class NotRunning extends Error {}

/** Throws `NotRunning`: a signal to pid 0 would reach this process. */
export function pidOf(child: Pick<SupervisedChild, 'status'>): number {
  const { pid, name } = child.status();
  if (pid === undefined) throw new NotRunning(`${name} does not run`);
  return pid;
}

/** Resolves when the supervisor has another process in the place of `killed`, which answers. */
export async function back(child: Pick<SupervisedChild, 'status'>, killed: number, name: string): Promise<void> {
  const isBack = (): boolean => {
    const { pid, state } = child.status();
    return state === 'ready' && pid !== killed;
  };
  if (!(await eventually(isBack, BACK_MS))) throw new Error(`${name} is not back within ${BACK_MS} ms`);
}

/** The process and its children: PostgreSQL is a process a connection. */
export function familyOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n');
  const children = lines.map((line) => line.trim().split(/ +/).map(Number));
  return [pid, ...children.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []))];
}

/** Stops every process for `holdMs`, then lets them go on; one that ended meanwhile is passed over. */
export async function pauseFor(pids: readonly number[], holdMs: number): Promise<void> {
  const signal = (what: NodeJS.Signals): void => {
    for (const pid of pids) {
      try {
        if (pid > 0) process.kill(pid, what);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  };
  signal('SIGSTOP');
  await delay(holdMs);
  signal('SIGCONT');
}
