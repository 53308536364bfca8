// `npm run demo`: two instances, agents behind them, edge agents and calls between, on data that is removed at the end.
import { demandNode } from './node-version.mjs';

demandNode();
import('./not-ready.mjs').then(async ({ orRefuse }) => {
  const { prepare } = await import('./prepare.mjs');
  const { runToEnd } = await import('./run-to-end.mjs');
  await orRefuse(async () => {
    const { node, root } = await prepare();
    process.exitCode = await runToEnd(node, ['test/demo/main.mjs', ...process.argv.slice(2)], root);
  });
});
