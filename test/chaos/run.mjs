// `npm run chaos`, under Node 24 and on what is built. The table goes to stdout, progress to stderr; exit code 1: something was violated.
import '../../libs/runtime/testing/typescript.mjs';
import { askedBy } from './asked.mjs';

const { onStopRequested } = await import('../../libs/runtime/src/stop-requested.ts');
const { main } = await import('./main.ts');
const { markdownOf } = await import('./report.ts');

const stop = new AbortController();
onStopRequested((reason) => stop.abort(new Error(`The run was cut short (${reason}). Its servers are stopped and their data is removed.`)));
process.on('uncaughtException', (error) => stop.abort(error)); // Wherever it comes from: nothing is left running.

try {
  const asked = askedOrEnd();
  console.error(`Seed ${asked.seed}.`);
  const report = await main(asked, stop.signal);
  console.log(markdownOf(report));
  for (const { mode, seed, checkResults } of report.rounds)
    for (const { check, first } of checkResults) for (const words of first) console.error(`${mode}, seed ${seed}: ${check}: ${words}`);
  process.exitCode = report.ok ? 0 : 1;
} catch (error) {
  console.error(stop.signal.aborted ? stop.signal.reason.message : error);
  process.exitCode = 1;
}
process.exit();

/** A mistake in the arguments needs no stack. */
function askedOrEnd() {
  try {
    return askedBy(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
