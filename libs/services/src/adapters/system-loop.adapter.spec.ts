import { Clock } from '@app/kernel';
import { SystemLoop } from './system-loop.adapter.js';

const block = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until;);
};
const turn = (): Promise<void> => new Promise((resolve) => new Clock().after(30, resolve));

it('tells how late the event loop was while somebody watched', async () => {
  const loop = new SystemLoop();
  const lateness = loop.watch();
  await turn();
  block(300);
  await turn();
  expect(lateness()).toBeGreaterThan(200);
});

it('counts what is late at the very end', () => {
  const lateness = new SystemLoop().watch();
  block(300);
  expect(lateness()).toBeGreaterThan(200);
});

it('forgets what was late before', async () => {
  const loop = new SystemLoop();
  const other = loop.watch();
  await turn();
  block(300);
  await turn();
  const [worst, lateness] = [other(), loop.watch()];
  await turn();
  expect(lateness()).toBeLessThan(worst);
});
