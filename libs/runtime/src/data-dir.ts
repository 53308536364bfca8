import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type RuntimeLog, StartRefused } from './contract.js';
import { makePath, writeWhole } from './files.js';
import { type Lock, takeLock } from './lock.js';
import { type Account, reaches } from './run-as.js';
import { keptSecret } from './secrets.js';

/**
 * DATA_DIR, locked for this process:
 *
 *     clawbutler.json    says that the directory is ours, and where the servers' data is when not here
 *     restoring.json     says that a restore has begun and not ended: nothing starts on a part of a backup
 *     lock, holder.json  see takeLock
 *     secrets/           see keptSecret
 *     servers/<name>/    what each server keeps
 */
export interface DataDir {
  readonly path: string;
  /** Of the servers. Only its owner writes here; the account the servers run under may pass through. */
  readonly serversDir: string;
  readonly secret: (name: string) => string;
  readonly close: () => void;
}

interface Marker {
  readonly format: 1;
  readonly made_at: string;
  readonly servers_dir?: string;
}

const MARKER = 'clawbutler.json';
/** Lies in DATA_DIR while a restore fills it. */
export const RESTORING = 'restoring.json';
/** What may lie in a directory that is not marked yet: a first start that got no further, and what a new file system brings. */
const NEUTRAL = new Set(['lock', 'holder.json', 'lost+found']);
/** Others may pass through to what is theirs, nobody may look around. */
const PASSABLE = 0o711;

/**
 * Makes or opens DATA_DIR and locks it.
 * @param account who runs the servers: it must be able to pass to their data. Where it is not (DATA_DIR below a 0700
 *   directory), the data of the servers goes to a directory in `elsewhere`, which DATA_DIR records.
 * @throws StartRefused `runtime.data-dir-*`; nothing has been changed then
 */
export function openDataDir(path: string, account: Account | null, log: RuntimeLog, elsewhere = '/var/lib'): DataDir {
  const dir = resolve(path);
  const known = examine(dir);
  const locks = [takeLock(dir)];
  try {
    const { servers_dir } = known ?? writeMarker(dir, {});
    const serversDir = servers_dir === undefined ? placeServers(dir, account, elsewhere, log) : servers_dir;
    if (!serversDir.startsWith(`${dir}/`)) locks.push(openElsewhere(dir, serversDir, account));
    if (servers_dir !== undefined) log('info', `The servers keep their data in ${servers_dir}.`);
    return { path: dir, serversDir, secret: (name) => keptSecret(join(dir, 'secrets'), name), close: () => releaseAll(locks) };
  } catch (error) {
    releaseAll(locks);
    throw error;
  }
}

const releaseAll = (locks: Lock[]): void => {
  for (const lock of locks.splice(0)) lock.release();
};

const WHY_NOT: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'read-only file system',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
  ENOENT: 'nothing can be made there',
};

/** What the directory says of itself, when it can be used at all. */
function examine(dir: string): Marker | null {
  try {
    makePath(dir, PASSABLE);
    const marker = readMarker(dir);
    rmdirSync(mkdtempSync(join(dir, '.probe-'))); // modes alone do not tell whether it can be written
    return marker;
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new StartRefused(
      'runtime.data-dir-not-writable',
      `The data directory ${dir} cannot be used: ${WHY_NOT[code] ?? message}.`,
      'Make it writable for this user, or choose another: DATA_DIR=...',
    );
  }
}

/** Null where it is empty, and so free to be ours. */
function readMarker(dir: string): Marker | null {
  const foreign = (why: string): StartRefused =>
    new StartRefused('runtime.data-dir-foreign', `${dir} ${why}.`, 'Choose an empty or a new directory: DATA_DIR=...');
  if (!existsSync(join(dir, MARKER))) {
    const found = readdirSync(dir).find((name) => !NEUTRAL.has(name));
    if (found === undefined) return null;
    throw foreign(`holds other things (${found}) and no ${MARKER}, so it is not a data directory of ClawButler`);
  }
  let marker: { format?: unknown };
  try {
    marker = JSON.parse(readFileSync(join(dir, MARKER), 'utf8')) as { format?: unknown };
  } catch {
    throw foreign(`has a ${MARKER} that cannot be read`);
  }
  if (marker.format !== 1) throw foreign(`was made by another version of ClawButler (format ${String(marker.format)}, this one knows 1)`);
  if (existsSync(join(dir, RESTORING))) {
    throw new StartRefused(
      'runtime.data-dir-half-restored',
      `A restore into ${dir} has not ended, so the directory holds a part of a backup.`,
      'Wait for that restore. If it was broken off, remove the directory and run the restore again.',
    );
  }
  return marker as Marker;
}

function writeMarker(dir: string, more: Pick<Marker, 'servers_dir'>): Marker {
  const marker: Marker = { format: 1, made_at: new Date().toISOString(), ...more };
  writeWhole(join(dir, MARKER), `${JSON.stringify(marker, null, 2)}\n`, 0o644);
  return marker;
}

/** The servers' data stays in DATA_DIR wherever the account can pass; once there, it is never looked for elsewhere. */
function placeServers(dir: string, account: Account | null, elsewhere: string, log: RuntimeLog): string {
  const inside = join(dir, 'servers');
  const existed = existsSync(inside);
  mkdirSync(inside, { recursive: true });
  chmodSync(inside, PASSABLE);
  if (reaches(account, inside)) return inside;
  if (existed && readdirSync(inside).length > 0) {
    throw new StartRefused(
      'runtime.data-dir-unreachable',
      `User ${account?.name}, who runs the servers, cannot pass to their data in ${inside}.`,
      `Let others pass through the directories above it (chmod o+x), or name a user who may in RUN_SERVERS_AS.`,
    );
  }
  rmSync(inside, { recursive: true });
  return placeElsewhere(dir, account, elsewhere, log);
}

function placeElsewhere(dir: string, account: Account | null, elsewhere: string, log: RuntimeLog): string {
  const refused = (why: string): StartRefused =>
    new StartRefused(
      'runtime.data-dir-unreachable',
      `User ${account?.name}, who runs the servers, cannot pass to ${dir}, and ${elsewhere} is no way out: ${why}.`,
      'Choose a data directory that others may pass to: DATA_DIR=...',
    );
  let made: string;
  try {
    // never a predictable name: what lies there could be someone else's, or of an earlier data directory at the same place
    made = mkdtempSync(join(elsewhere, 'clawbutler-'));
  } catch (error) {
    throw refused((error as Error).message);
  }
  chmodSync(made, PASSABLE);
  if (!reaches(account, made)) {
    rmSync(made, { recursive: true });
    throw refused('it cannot pass there either');
  }
  writeFileSync(join(made, 'belongs-to.json'), `${JSON.stringify({ data_dir: dir })}\n`);
  writeMarker(dir, { servers_dir: made });
  log('info', `User ${account?.name}, who runs the servers, cannot pass to ${dir}: their data is kept in ${made} instead.`);
  return made;
}

/** Elsewhere is locked too: a copy of DATA_DIR names the same place. */
function openElsewhere(dir: string, serversDir: string, account: Account | null): Lock {
  if (!existsSync(join(serversDir, 'belongs-to.json')) || !reaches(account, serversDir)) {
    throw new StartRefused(
      'runtime.data-dir-unreachable',
      `${dir} records that the servers keep their data in ${serversDir}, and it is not there or cannot be used.`,
      `Bring it back, or start with a new data directory: DATA_DIR=...`,
    );
  }
  return takeLock(serversDir);
}
