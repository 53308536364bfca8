import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

/**
 * Who a process is: a pid alone is given to another process sooner or later, a pid with its start time is not. Both are
 * what the kernel says of the process, `/proc/<pid>/stat`, preceded by the boot they count from; where there is no
 * /proc, `ps` says it.
 */
export interface ProcessRecord {
  readonly pid: number;
  readonly identity: string;
}

const hasProc = process.platform === 'linux';

/**
 * Shell words that write the record of the shell itself to descriptor 3. `exec` keeps pid and start time, so a shell that
 * does this and then becomes a server has recorded the server before it exists: there is no moment at which it runs unrecorded.
 */
export const RECORD_SELF = hasProc
  ? 'read -r boot </proc/sys/kernel/random/boot_id; read -r stat </proc/self/stat; echo "$boot $stat" >&3; exec 3>&-'
  : 'LC_ALL=C ps -o pid= -o lstart= -p $$ >&3; exec 3>&-';

/** What {@link RECORD_SELF} wrote, or null where that is no record. */
export function parseRecord(text: string): ProcessRecord | null {
  const line = text.trim();
  if (!hasProc) {
    const pid = /^\d+/.exec(line)?.[0];
    return pid === undefined ? null : { pid: Number(pid), identity: line.replace(/\s+/g, ' ') };
  }
  // boot pid (comm) state ppid ... ; the name may hold spaces and brackets, so count from the last one. Start time is field 22.
  const parts = /^(\S+) (\d+) .*\) (.*)$/.exec(line);
  const started = parts?.[3]?.split(' ')[19];
  return parts === null || started === undefined ? null : { pid: Number(parts[2]), identity: `${parts[1]} ${parts[2]} ${started}` };
}

/** Whether the recorded process runs still: same pid, same start, not a zombie, and owned by `uid`. */
export function isRunning(record: ProcessRecord, uid: number): boolean {
  try {
    if (!hasProc) {
      const line = execFileSync('ps', ['-o', 'pid=', '-o', 'lstart=', '-p', String(record.pid)], { env: { ...process.env, LC_ALL: 'C' } });
      return parseRecord(line.toString())?.identity === record.identity;
    }
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${record.pid}/stat`, 'utf8');
    const zombie = / [ZX] /.test(stat.slice(stat.lastIndexOf(')') + 1, stat.lastIndexOf(')') + 4));
    return !zombie && parseRecord(`${boot} ${stat}`)?.identity === record.identity && statSync(`/proc/${record.pid}`).uid === uid;
  } catch {
    return false; // gone
  }
}
