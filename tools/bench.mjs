// `npm run bench [-- <beginning of a name>]`: what the system costs against the bare libraries, a line of JSON for each figure.
import { demandNode } from './node-version.mjs';

demandNode();
import('./not-ready.mjs').then(async ({ NotReady, orRefuse }) => {
  const { NAMES, chosen } = await import('../test/bench/benches.mjs');
  const { prepare } = await import('./prepare.mjs');
  const { runToEnd } = await import('./run-to-end.mjs');
  await orRefuse(async () => {
    const [prefix = ''] = process.argv.slice(2);
    if (chosen(prefix).length === 0)
      throw new NotReady('bench.unknown', `No figure has a name that begins with ${prefix}.`, `There are ${NAMES.join(', ')}.`);
    const { node, root } = await prepare();
    process.exitCode = await runToEnd(node, ['test/bench/run.mjs', prefix], root);
  });
});
