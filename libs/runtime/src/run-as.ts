import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { StartRefused } from './contract.js';

/** The account the servers run under. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Whether no other process of the machine has the group. */
  readonly hasOwnGroup?: boolean;
}

/** Who runs the servers of root when RUN_SERVERS_AS names nobody else; other services use the account as well. */
export const SHARED_ACCOUNT = 'nobody';

/**
 * Root does not run servers as root (PostgreSQL refuses to be): they run as RUN_SERVERS_AS, else as `nobody`, which every
 * Linux has. Anyone else runs them as himself, which is null.
 */
export function serverAccount(env: NodeJS.ProcessEnv = process.env): Account | null {
  if (process.getuid?.() !== 0) return null;
  const name = env['RUN_SERVERS_AS'] || SHARED_ACCOUNT;
  const next = 'Set RUN_SERVERS_AS to an existing unprivileged user, or start as an ordinary user.';
  const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  let account: Account;
  try {
    account = { name, uid: id('-u'), gid: id('-g') };
  } catch {
    throw new StartRefused('runtime.user-unknown', `The servers are to run as ${name}, and there is no such user here.`, next);
  }
  if (account.uid === 0) throw new StartRefused('runtime.user-unknown', `The servers must not run as root, and ${name} is root.`, next);
  return account;
}

/** Whether the account may enter this directory, or run this file. The kernel is asked: modes alone do not tell (ACLs, mounts). */
export function reaches(account: Account | null, path: string): boolean {
  if (account === null) return true;
  const { uid, gid } = account;
  const { status, error } = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { uid, gid, cwd: '/', stdio: 'ignore' });
  if (error) throw error;
  return status === 0;
}

/** Gives a file or directory to the account. */
export function give(account: Account | null, path: string): void {
  if (account !== null) chownSync(path, account.uid, account.gid);
}
