import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A program of this directory as a process of its own, that its work is not ours; resolves when it said its first line. */
export async function beside(program, ...args) {
  const child = spawn(process.execPath, [join(import.meta.dirname, program), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`${program} ended with ${code}`);
  });
  gone.catch(() => undefined);
  const [line] = await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), gone]);
  const end = async () => {
    child.stdin.end(); // It ends when we do, and so cannot be left behind.
    await once(child, 'exit');
  };
  return { pid: child.pid, said: line.trim(), end };
}
