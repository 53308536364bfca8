import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsAccess } from '../src/contract.js';
import type { SupervisedChild } from '../src/child.js';
import { embeddedNats } from '../src/nats.js';
import { testDir } from './cleaner.js';
import { natsProgram } from './nats-process.js';

const CHUNK = Buffer.alloc(64 * 1024);

/** A file system of its own that can be filled, and emptied again. */
export interface SmallDisk {
  readonly path: string;
  /** Writes a file until nothing more goes on it. */
  fill(): void;
  /** Removes that file. */
  free(): void;
  remove(): Promise<void>;
}

/** Mounts a tmpfs. undefined: not on this machine, which takes root and Linux. */
export function smallDisk(mib: number): SmallDisk | undefined {
  const dir = testDir();
  const path = join(dir.path, 'disk');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=755`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    void dir.remove();
    return undefined;
  }
  const filling = join(path, 'filling');
  return {
    path,
    fill: () => {
      const file = openSync(filling, 'a');
      try {
        for (;;) writeSync(file, CHUNK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filling, { force: true }),
    remove: async () => {
      execFileSync('umount', ['-l', path]);
      await dir.remove();
    },
  };
}

/** The embedded NATS, supervised as in production. */
export interface NatsOnDisk {
  readonly access: NatsAccess;
  readonly monitorUrl: string;
  readonly child: Pick<SupervisedChild, 'status'>;
  restarts(): number;
  stop(): Promise<void>;
}

/** On such a disk, or below the directory of a `testDir`. */
export async function startNatsOn(disk: Pick<SmallDisk, 'path'>): Promise<NatsOnDisk> {
  const dir = join(disk.path, 'nats');
  mkdirSync(dir);
  const nats = await embeddedNats(await natsProgram(), { dir, account: null, secret: (name) => name, log: () => undefined });
  await nats.child.start();
  return {
    access: nats.access.admin,
    monitorUrl: nats.monitorUrl,
    child: nats.child,
    restarts: () => nats.child.status().restarts,
    stop: () => nats.child.stop(),
  };
}
