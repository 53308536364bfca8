import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeStream } from './baseline-appends.mjs';
import { built } from './built.mjs';

const { DEFAULT_SIZES } = await built('event-store');
const { setUp } = await built('process');
const { startServers } = await built('runtime');

export class CutShort extends Error {
  code = 'bench.cut-short';
  next = 'Its servers are stopped and their data is removed.';

  constructor() {
    super('The run was cut short.');
  }
}

/**
 * Runs `work` with the embedded servers, set up as for the system and syncing as always, on data that is removed afterwards:
 * when it ends, when it fails, and when `signal` ends it, by whose reason it then fails.
 */
export async function withServers(signal, work) {
  const dataDir = mkdtempSync(join(tmpdir(), 'clawbutler-bench-'));
  chmodSync(dataDir, 0o711); // servers under another account pass through
  const log = (level, message) => void (signal.aborted || console.error(message));
  let servers;
  try {
    servers = await startServers({ dataDir, log, signal });
    await setUp(servers.nats.admin, { databaseUrl: servers.databaseUrl, sizes: DEFAULT_SIZES }, []);
    await makeStream(servers.nats.admin);
    const working = work(servers);
    working.catch(() => undefined); // what breaks when the servers go is of no interest
    await Promise.race([working, aborted(signal)]);
  } finally {
    await servers?.stop();
    for (const dir of [elsewhere(dataDir), dataDir]) if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  }
}

const aborted = (signal) =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });

/** Where the servers keep their data when their account cannot pass to the directory of ours. */
function elsewhere(dataDir) {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'clawbutler.json'), 'utf8')).servers_dir;
  } catch {
    return undefined; // it did not come to that
  }
}
