import { Clock, instantAt, momentOf } from './clock.js';

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

it('turns a moment into an instant and back, as the wall clock shows it now', () => {
  class Fixed extends Clock {
    wall = Date.parse('2026-02-01T12:00:00.000Z');
    override wallMs(): number {
      return this.wall;
    }
    override nowMs(): number {
      return 5_000;
    }
  }
  const fixed = new Fixed();
  expect(instantAt(fixed, 4_000)).toBe('2026-02-01T11:59:59.000Z');
  expect(momentOf(fixed, '2026-02-01T11:59:59.000Z')).toBe(4_000);
  fixed.wall -= 3_600_000; // The machine is set right.
  expect(instantAt(fixed, 4_000)).toBe('2026-02-01T10:59:59.000Z');
});
