// `npm run bench`, under Node 24 and on what is built. Argument: the beginning of a name. A line of JSON for each figure on stdout.
import { chosen } from './benches.mjs';
import { built } from './built.mjs';
import { CutShort, withServers } from './servers.mjs';

const { onStopRequested } = await built('runtime');

const [prefix = ''] = process.argv.slice(2);
/** A run takes seven minutes; one that takes this long hangs. */
const LIMIT_MS = 1_200_000;

const stop = new AbortController();
onStopRequested(() => stop.abort(new CutShort()));
process.on('uncaughtException', (error) => stop.abort(error)); // wherever it comes from: nothing is left running

try {
  await withServers(AbortSignal.any([stop.signal, AbortSignal.timeout(LIMIT_MS)]), async (servers) => {
    for (const { file, names } of chosen(prefix)) {
      console.error(`Measuring ${names.join(', ')} ...`);
      const { bench } = await import(file);
      for await (const figure of bench(servers, names)) console.log(JSON.stringify(figure));
    }
  });
} catch (error) {
  const { code, next } = error;
  console.error(next === undefined ? error : `${error.message} (${code})\n${next}`);
  process.exitCode = 1;
}
process.exit();
