import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Prints when a process started, as `/proc/<pid>/stat` has it: field 22, counted behind the name, which may hold spaces and brackets. A
 * recorded process that ended long ago may have left its pid to somebody else.
 */
const STARTED = 'started() { set -- ${1##*) }; shift 19; echo "$1"; }';

/**
 * Waits until nobody holds the other end of its input, then ends every server recorded in a file `pid` below the directory
 * and removes it. The kernel closes that end however we die.
 */
const CLEANUP = `
${STARTED}
cat >/dev/null
pids=
for record in $(find "$1" -name pid -type f); do
  read -r boot pid rest <"$record" && read -r now </proc/$pid/stat && [ "$(started "$rest")" = "$(started "$now")" ] || continue
  kill -INT "$pid" && pids="$pids $pid"
done 2>/dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  alive=
  for pid in $pids; do kill -0 "$pid" && alive="$alive $pid"; done 2>/dev/null
  [ -z "$alive" ] && break
  sleep 0.25
done
[ -n "$alive" ] && kill -KILL $alive 2>/dev/null
rm -rf "$1"
`;

export interface TestDir {
  readonly path: string;
  /** Removes the directory, and ends what runs from it still. */
  remove(): Promise<void>;
}

/** A directory for servers of a test, one subdirectory each. Nothing of it stays, even when the test process is killed. */
export function testDir(): TestDir {
  const path = mkdtempSync(join(tmpdir(), 'clawbutler-test-'));
  chmodSync(path, 0o711); // servers under another account pass through
  const cleaner = spawn('/bin/sh', ['-c', CLEANUP, 'sh', path], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' });
  cleaner.unref();
  (cleaner.stdin as Socket).unref();
  const gone = once(cleaner, 'exit');
  const remove = async (): Promise<void> => {
    cleaner.ref();
    cleaner.stdin.end();
    await gone;
  };
  return { path, remove };
}
