// `npm test [-- <jest arguments>]`: all tests. The last line is the count; the exit code is 0 only when nothing failed.
import { demandNode } from './node-version.mjs';

demandNode();
import('./not-ready.mjs').then(async ({ orRefuse }) => {
  const { prepare } = await import('./prepare.mjs');
  const { runTests } = await import('./run-tests.mjs');
  await orRefuse(async () => {
    const { node, root } = await prepare();
    process.exitCode = await runTests(node, root, process.argv.slice(2));
  });
});
