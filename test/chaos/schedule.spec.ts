import { scheduleOf } from './schedule.js';

const kindsOf = (faults: ReturnType<typeof scheduleOf>): string[] => [...new Set(faults.map(({ kind }) => kind))].sort();

it('makes the same schedule from the same seed, and another from another', () => {
  expect(scheduleOf(7, 'cluster', 60)).toEqual(scheduleOf(7, 'cluster', 60));
  expect(scheduleOf(8, 'cluster', 60)).not.toEqual(scheduleOf(7, 'cluster', 60));
});

it('keeps to its time, and breaks more than 200 things in an hour', () => {
  const faults = scheduleOf(1, 'single', 3_600);
  expect(faults.length).toBeGreaterThan(200);
  expect(faults.every(({ atMs }) => atMs < 3_600_000)).toBe(true);
});

it('meets every kind of fault within a minute', () => {
  expect(kindsOf(scheduleOf(3, 'single', 60))).toEqual(kindsOf(scheduleOf(4, 'single', 3_600)));
  expect(kindsOf(scheduleOf(3, 'cluster', 60))).toEqual(kindsOf(scheduleOf(4, 'cluster', 3_600)));
});

it('takes two nodes only from a cluster, and leaves out what the machine cannot do', () => {
  expect(kindsOf(scheduleOf(1, 'single', 600)).filter((kind) => kind.endsWith('-two'))).toEqual([]);
  expect(kindsOf(scheduleOf(1, 'single', 600))).toContain('nats.disk-full');
  expect(kindsOf(scheduleOf(1, 'single', 600, ['nats.disk-full']))).not.toContain('nats.disk-full');
});
