import { readFileSync } from 'node:fs';
import type { ChildSpec } from './child.js';
import type { RuntimeLog } from './contract.js';
import { isRunning, parseRecord, type ProcessRecord } from './process-record.js';
import { eventually } from './wait.js';

const STOP_DEADLINE_MS = 30_000;

/**
 * A server whose supervisor was killed runs on. It is stopped, the orderly way, before anything looks at its port or its files;
 * the lock of the data directory says that nobody else still wants it.
 */
export async function stopOrphan(
  { title, pidFile, account, stopSignal }: Pick<ChildSpec, 'title' | 'pidFile' | 'account' | 'stopSignal'>,
  log: RuntimeLog,
): Promise<void> {
  const record = recordIn(pidFile);
  const uid = account?.uid ?? process.getuid?.() ?? -1;
  if (record === null || !isRunning(record, uid)) return;
  log('info', `${title} runs still (process ${record.pid}) from a start that was killed: it is stopped first.`);
  process.kill(record.pid, stopSignal);
  if (await eventually(() => !isRunning(record, uid), STOP_DEADLINE_MS)) return;
  process.kill(record.pid, 'SIGKILL');
  await eventually(() => !isRunning(record, uid), STOP_DEADLINE_MS);
}

function recordIn(pidFile: string): ProcessRecord | null {
  try {
    return parseRecord(readFileSync(pidFile, 'utf8'));
  } catch {
    return null;
  }
}
