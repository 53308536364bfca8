// `npm run build`: installs what is missing and builds everything, whether it has changed or not.
import { demandNode } from './node-version.mjs';

demandNode();
import('./not-ready.mjs').then(async ({ orRefuse }) => {
  const { prepare } = await import('./prepare.mjs');
  await orRefuse(() => prepare({ buildAnyway: true }));
});
