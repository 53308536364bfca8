import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { RuntimeLog } from './contract.js';
import { writeWhole } from './files.js';
import { type Account, SHARED_ACCOUNT, reaches } from './run-as.js';

/** Ids that belong to no account; systemd gives them to services without one (DynamicUser=). */
const FIRST_GID = 61_184;
const LAST_GID = 65_519;
const ATTEMPTS = 100;

/**
 * The account with a group of its own, where the account is shared. Other services of the machine run as `nobody` too: a directory that
 * only this group may enter keeps the servers' files from them, and the kernel lets no process of another group look into a server.
 * The group is a number without a name, remembered in `serversDir`. Where the kernel refuses it, the account is answered as it is.
 */
export function withOwnGroup(account: Account | null, serversDir: string, log: RuntimeLog): Account | null {
  if (account === null || account.name !== SHARED_ACCOUNT) return account;
  const file = join(serversDir, 'group');
  const remembered = gidIn(file);
  const gid = remembered ?? freeGid();
  const own = gid === null ? null : { ...account, gid, hasOwnGroup: true };
  if (own === null || !canBe(own) || !reaches(own, serversDir)) {
    log('info', `The servers run as ${account.name} without a group of their own: the kernel or the file system does not allow one.`);
    return account;
  }
  if (remembered === null) writeWhole(file, String(gid), 0o600);
  return own;
}

function gidIn(file: string): number | null {
  try {
    const gid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(gid) && gid >= FIRST_GID && gid <= LAST_GID ? gid : null;
  } catch {
    return null;
  }
}

function freeGid(): number | null {
  const taken = new Set(groupsOfTheMachine());
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const gid = randomInt(FIRST_GID, LAST_GID + 1);
    if (!taken.has(gid)) return gid;
  }
  return null;
}

function groupsOfTheMachine(): number[] {
  try {
    return readFileSync('/etc/group', 'utf8')
      .split('\n')
      .map((line) => Number(line.split(':')[2]));
  } catch {
    return [];
  }
}

/** In a user namespace the kernel refuses an id that is not mapped. */
const canBe = ({ uid, gid }: Account): boolean => spawnSync('/bin/sh', ['-c', ':'], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0;
