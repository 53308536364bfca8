import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
/** So long a process may take to end in order; then it is ended otherwise. */
const END_MS = 30_000;

/**
 * A built program, until `end`. `input` goes to its stdin, which then ends: where secrets go, since arguments are seen by others.
 * @returns {{ pid: number, printed: () => string, says: (what: RegExp, timeoutMs: number) => Promise<RegExpExecArray>, kill: () => Promise<void>, end: () => Promise<number | null> }}
 */
export function run(program, args, { env = {}, input = '' } = {}) {
  const child = spawn(NODE, ['--enable-source-maps', join(ROOT, 'dist/apps', program), ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'], // The channel tells it when we are killed, so that it does not run on alone.
  });
  child.stdin.on('error', () => undefined); // It may have ended before it read.
  child.stdin.end(input);
  let text = '';
  const hearers = new Set();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      for (const hear of hearers) hear();
    });
  const ended = new Promise((gone) => child.once('exit', gone));
  const send = async (signal) => {
    const cut = setTimeout(() => child.kill('SIGKILL'), END_MS);
    child.kill(signal);
    return ended.finally(() => clearTimeout(cut));
  };
  return {
    pid: child.pid,
    printed: () => text,
    says: (what, timeoutMs) => heard(what, timeoutMs, () => text, hearers, ended, program),
    kill: () => send('SIGKILL'),
    end: () => send('SIGTERM'),
  };
}

function heard(what, timeoutMs, text, hearers, ended, program) {
  const { promise, resolve: found, reject } = Promise.withResolvers();
  const look = () => {
    const match = what.exec(text());
    if (match !== null) found(match);
  };
  const late = setTimeout(() => reject(new Error(`${program} did not say ${what} within ${timeoutMs / 1000} s:\n${text()}`)), timeoutMs);
  void ended.then((code) => reject(new Error(`${program} ended with ${code}:\n${text()}`)));
  hearers.add(look);
  look();
  return promise.finally(() => {
    clearTimeout(late);
    hearers.delete(look);
  });
}
