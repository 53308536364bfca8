import { statfs } from 'node:fs/promises';

const ANSWER_MS = 2_000;
/**
 * Free bytes below which the disk counts as full. A nats-server that meets the end of its disk in a write takes none any more until it
 * is restarted; who asks before sends it nothing.
 */
const LEAST_FREE_BYTES = 16 * 1024 ** 2;
/** ENOSPC and EDQUOT in the words of the operating system, which is all that the monitor passes on. */
const FULL = /no space left on device|disk quota exceeded/i;

/** A disk as far as it can be looked at. */
export interface NatsDisk {
  /** Where the server keeps its store, when that is on this machine. */
  readonly dir?: string | undefined;
  /** `http://host:8222`: the monitor of the server. */
  readonly monitorUrl?: string | undefined;
}

/** Why NATS can store nothing more, in a sentence; undefined: it can, or nobody can tell. */
export async function natsDiskFull({ dir, monitorUrl }: NatsDisk): Promise<string | undefined> {
  const free = dir === undefined ? Infinity : await freeBytes(dir);
  if (free < LEAST_FREE_BYTES)
    return `The disk of NATS is full: ${Math.floor(free / 1024 ** 2)} MiB are left, and ${LEAST_FREE_BYTES / 1024 ** 2} are needed.`;
  const error = monitorUrl === undefined ? undefined : await natsWriteError(monitorUrl);
  return error === undefined ? undefined : `The disk of NATS is full, or it was and the server was not restarted since: ${error}.`;
}

/** Whether a server still refuses writes although there is space again: only a restart helps then. */
export const natsNeedsRestart = async (dir: string, monitorUrl: string): Promise<boolean> =>
  (await freeBytes(dir)) >= LEAST_FREE_BYTES && (await natsWriteError(monitorUrl)) !== undefined;

/** nats-server acknowledges nothing when its disk is full, and refuses nothing either. Its monitor alone says why. */
async function natsWriteError(monitorUrl: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${monitorUrl.replace(/\/$/, '')}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const { error } = (await answer.json()) as { error?: string };
    return error !== undefined && FULL.test(error) ? error : undefined;
  } catch {
    return undefined; // What cannot be asked says nothing of the disk.
  }
}

/** Of the file system that holds a directory, for users that are not root. */
export async function freeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}
