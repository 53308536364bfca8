import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs the system in the foreground and resolves with its exit code.
 *
 * It gets a session of its own, and the first signal that reaches us, once: Ctrl-C goes from the terminal to npm and to us,
 * and from npm to us again, and the drain it starts must not be hit by the copies. The channel between us tells it when we are
 * killed, so that it does not run on alone.
 */
export async function runToEnd(node, args, cwd) {
  const child = spawn(node, args, { cwd, detached: true, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  let forwarded = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!forwarded) child.kill(signal);
      forwarded = true;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
