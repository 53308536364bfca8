import { channel } from 'node:diagnostics_channel';
import { onStopRequested } from '@app/runtime';
import { drainInTime } from './drain.js';
import { explain } from './explain.js';

/** Says to whatever holds this process that it works now (`true`), and that it begins to end (`false`): a container's pulse is made of it. */
const working = channel('clawbutler.working');
/** A start that was told to stop has so long to undo what it did. */
const GIVE_UP_MS = 10_000;

/** What a start made. */
export interface Running {
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Resolves when what this process holds in memory is of a log that is gone: then it is ended and started again, in this process. */
  readonly stale: Promise<void>;
}

/** Resolves when the process answers. `signal`: it is to end before that. */
export type Start = (signal: AbortSignal) => Promise<Running>;

/**
 * A process from its start to its end. Whatever stops the start is said as a sentence, and the exit code is 1; a start that was
 * told to stop undoes what it did, and is no failure.
 */
export async function runProcess(start: Start, say: (words: string) => void): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined); // Nobody reads any more: no reason not to drain.
  const abort = new AbortController();
  let started = false;
  const asked = new Promise<string>(onStopRequested).then((reason) => {
    say(`${reason}: finishing what is under way`);
    abort.abort();
    if (!started) setTimeout(() => started || process.exit(0), GIVE_UP_MS).unref(); // It waits for a server that does not come.
  });
  try {
    for (;;) {
      const running = await start(abort.signal);
      started = true;
      working.publish(true);
      const isStale = await Promise.race([asked.then(() => false), running.stale.then(() => true)]);
      working.publish(false);
      process.exitCode = await drainInTime(() => running.stop(), say);
      if (!isStale || abort.signal.aborted) break;
      say('The event log is open again: this process starts anew.');
      started = false;
    }
  } catch (error) {
    if (!abort.signal.aborted) process.stderr.write(`\nThe start stopped: ${explain(error)}\n`);
    process.exitCode = abort.signal.aborted ? 0 : 1;
  }
  // What a library forgot to close must not keep a drained process alive.
  setTimeout(() => process.exit(), 2_000).unref();
}
