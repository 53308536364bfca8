import { Clock } from './clock.js';

const clock = new Clock();
const turn = (): Promise<void> => new Promise((resolve) => clock.after(20, resolve));

it('calls what is due, and not what was called off', async () => {
  const called: string[] = [];
  clock.after(1, () => called.push('due'));
  clock.after(0, () => called.push('called off'))();
  await turn();
  expect(called).toEqual(['due']);
});

it('tells the time of day, and one that only goes on', async () => {
  const [before, nowMs] = [Date.now(), clock.nowMs()];
  await turn();
  expect(clock.wallMs()).toBeGreaterThan(before);
  expect(clock.nowMs()).toBeGreaterThan(nowMs);
});
