import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { StartRefused } from './contract.js';
import { type Account, give } from './run-as.js';

/** Writes a whole file or none, and returns when it would survive a power failure. */
export function writeWhole(path: string, content: string, mode: number, owner: Account | null = null): void {
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    const file = openSync(partial, 'w', mode);
    try {
      writeFileSync(file, content); // `writeSync` may write a part, and say so by a number.
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    give(owner, partial);
    if (owner !== null) chmodSync(partial, mode); // A strict umask would keep it from the group of the owner.
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  syncDir(dirname(path));
}

/**
 * A server's configuration, which holds passwords. Root keeps what it wrote for another account: that account reads it by its group and
 * cannot change it.
 */
export function writeConfiguration(path: string, content: string, account: Account | null): void {
  if (account === null) writeWhole(path, content, 0o600);
  else writeWhole(path, content, 0o640, { ...account, uid: process.getuid?.() ?? 0 });
}

/**
 * A directory, with those above it. `mkdirSync` with `recursive` never returns where a directory that is there answers ENOENT to
 * one that is to be made in it, as /proc does; here that is thrown.
 */
export function makePath(path: string, mode: number): void {
  const above = dirname(path);
  try {
    if (!existsSync(above)) makePath(above, mode);
    mkdirSync(path, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

function syncDir(path: string): void {
  const dir = openSync(path, 'r');
  try {
    fsyncSync(dir);
  } finally {
    closeSync(dir);
  }
}

/**
 * A directory for a server's own data, mode 0700, owned by the account it runs under.
 * @throws StartRefused `runtime.data-dir-not-writable` when it belongs to someone else, from a start under another user
 */
export function ownedDir(path: string, account: Account | null): void {
  const wanted = account?.uid ?? process.getuid?.();
  if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) give(account, path);
  const { uid } = statSync(path);
  if (uid === wanted || wanted === undefined) return;
  throw new StartRefused(
    'runtime.data-dir-not-writable',
    `${path} belongs to user ${uid}; here the servers run as ${account?.name ?? userInfo().username} (${wanted}).`,
    'Start as the user who made the data, or (as root) name that user in RUN_SERVERS_AS.',
  );
}
