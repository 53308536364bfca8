import 'reflect-metadata';
import { explain, runUntilStopped } from '@app/process';
import { startStandalone } from './standalone.js';

const say = (words: string): void => void process.stdout.write(`${words}\n`);

try {
  const stop = await startStandalone(say);
  process.exitCode = await runUntilStopped(stop, say);
} catch (error) {
  process.stderr.write(`\nThe start stopped: ${explain(error)}\n`);
  process.exitCode = 1;
}
// What a library forgot to close must not keep a drained process alive.
setTimeout(() => process.exit(), 2_000).unref();
