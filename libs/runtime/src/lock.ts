import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { StartRefused } from './contract.js';

export interface Lock {
  release(): void;
}

const SQLITE_BUSY = 5;

/**
 * One process at a time per directory. The lock is one the kernel holds for us (fcntl, which Node offers only through
 * SQLite: an exclusive transaction on an empty file): it ends with its holder however that dies, it cannot be mistaken after a
 * pid was given away, and it counts across containers that share the directory. `holder.json` beside it only says who.
 *
 * @throws StartRefused `runtime.data-dir-in-use`, `runtime.data-dir-not-writable`
 */
export function takeLock(dir: string): Lock {
  const file = `${dir}/lock`;
  const holderFile = `${dir}/holder.json`;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    chmodSync(file, 0o600);
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw inUse(dir, holderFile);
    const why = error instanceof Error ? error.message : String(error);
    throw new StartRefused(
      'runtime.data-dir-not-writable',
      `${dir} cannot be locked: ${why}.`,
      'Use a directory on a local disk: DATA_DIR=...',
    );
  }
  writeFileSync(holderFile, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date() }));
  return { release: () => database.close() };
}

function inUse(dir: string, holderFile: string): StartRefused {
  let who = 'another process';
  try {
    const { pid, host, since } = JSON.parse(readFileSync(holderFile, 'utf8')) as { pid: number; host: string; since: string };
    who = `process ${pid}${host === hostname() ? '' : ` on ${host}`}, started ${since}`;
  } catch {
    // it has the lock and has not said yet who it is
  }
  return new StartRefused(
    'runtime.data-dir-in-use',
    `The data in ${dir} is in use by ${who}.`,
    'Stop that one first, or start this one on other data: DATA_DIR=...',
  );
}
