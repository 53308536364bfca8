import { explain, runUntilStopped } from './signals.js';

/**
 * A process from its start to its end: `start` resolves, when it answers, to what ends it in order. Whatever stops the start is
 * said as a sentence, and the exit code is 1.
 */
export async function runProcess(start: () => Promise<() => Promise<void>>, say: (words: string) => void): Promise<void> {
  try {
    process.exitCode = await runUntilStopped(await start(), say);
  } catch (error) {
    process.stderr.write(`\nThe start stopped: ${explain(error)}\n`);
    process.exitCode = 1;
  }
  // What a library forgot to close must not keep a drained process alive.
  setTimeout(() => process.exit(), 2_000).unref();
}
