// `npm run chaos -- [--seed N] [--minutes M] [--single] [--cluster] [--report FILE]`: faults under a load of appends, then a result.
import { demandNode } from './node-version.mjs';

demandNode();
import('./not-ready.mjs').then(async ({ NotReady, orRefuse }) => {
  const { askedBy } = await import('../test/chaos/asked.mjs');
  const { prepare } = await import('./prepare.mjs');
  const { runToEnd } = await import('./run-to-end.mjs');
  await orRefuse(async () => {
    const args = process.argv.slice(2);
    try {
      askedBy(args);
    } catch (error) {
      throw new NotReady(
        'chaos.arguments',
        error.message,
        'npm run chaos -- [--seed N] [--minutes M] [--single] [--cluster] [--report FILE]',
      );
    }
    const { node, root } = await prepare();
    process.exitCode = await runToEnd(node, ['test/chaos/run.mjs', ...args], root);
  });
});
