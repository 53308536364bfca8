// `npm start`: installs and builds what is missing, then runs the system. Works in a fresh clone under Node 20.
import { demandNode } from './node-version.mjs';

demandNode();
import('./not-ready.mjs').then(async ({ orRefuse }) => {
  const { prepare } = await import('./prepare.mjs');
  const { runToEnd } = await import('./run-to-end.mjs');
  await orRefuse(async () => {
    const { node, root } = await prepare();
    process.exitCode = await runToEnd(node, ['--enable-source-maps', 'dist/apps/standalone/src/main.js', ...process.argv.slice(2)], root);
  });
});
