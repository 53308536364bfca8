import { LogRefused } from './errors.js';
import type { Trouble } from './log-check.js';
import type { LogRecord } from './log-marks.js';

/** The line an operator runs on the host to go on with the log as it is. */
export const acceptLine = (instanceId: string, how?: 'restored'): string =>
  `npm run log -- accept ${how === undefined ? '' : '--restored '}--confirm=${instanceId}`;

/** The error of a write to a stream that is closed. */
export function refusalOf({ stream, code, detail }: Trouble, { instance_id, streams }: LogRecord): LogRefused {
  return new LogRefused(code, `${detail}; nothing is written to it.`, next());

  function next(): string {
    if (code === 'log.accepting') return 'Wait until the accept has ended; if it was interrupted, run it again.';
    if (streams[stream].restored_at !== null) return `End the restore, on the host: ${acceptLine(instance_id, 'restored')}`;
    return `Stop the system and put the right copy back, or go on with what is there, on the host: ${acceptLine(instance_id)}`;
  }
}
