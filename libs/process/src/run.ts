import { onStopRequested } from '@app/runtime';
import { drainInTime, explain } from './signals.js';

/** Resolves, when the process answers, to what ends it in order. `signal`: it is to end before that. */
export type Start = (signal: AbortSignal) => Promise<() => Promise<void>>;

/**
 * A process from its start to its end. Whatever stops the start is said as a sentence, and the exit code is 1; a start that was
 * told to stop undoes what it did, and is no failure.
 */
export async function runProcess(start: Start, say: (words: string) => void): Promise<void> {
  const abort = new AbortController();
  const asked = new Promise<string>(onStopRequested).then((reason) => {
    say(`${reason}: finishing what is under way`);
    abort.abort();
  });
  try {
    const drain = await start(abort.signal);
    await asked;
    process.exitCode = await drainInTime(drain, say);
  } catch (error) {
    if (!abort.signal.aborted) process.stderr.write(`\nThe start stopped: ${explain(error)}\n`);
    process.exitCode = abort.signal.aborted ? 0 : 1;
  }
  // What a library forgot to close must not keep a drained process alive.
  setTimeout(() => process.exit(), 2_000).unref();
}
