// `node tools/run.mjs <entry> [<arguments>]`: one of our programs, `standalone/src/login` for one, built first where it is not.
import { demandNode } from './node-version.mjs';

demandNode();
import('./not-ready.mjs').then(async ({ orRefuse }) => {
  const { prepare } = await import('./prepare.mjs');
  const { runToEnd } = await import('./run-to-end.mjs');
  const [entry, ...rest] = process.argv.slice(2);
  await orRefuse(async () => {
    const { node, root } = await prepare();
    process.exitCode = await runToEnd(node, ['--enable-source-maps', `dist/apps/${entry}.js`, ...rest], root);
  });
});
