import { RateLimit } from './rate-limit.js';

const limit = () => new RateLimit({ perSecond: 2, burst: 3, maxKeys: 2 });
const asks = (of: RateLimit, key: string, times: number, nowMs: number): boolean[] =>
  Array.from({ length: times }, () => of.admits(key, nowMs));

it('lets a burst in, and then so many a second', () => {
  const of = limit();
  expect(asks(of, 'a', 5, 0)).toEqual([true, true, true, false, false]);
  expect(asks(of, 'a', 3, 1_000)).toEqual([true, true, false]);
  expect(asks(of, 'a', 5, 60_000)).toEqual([true, true, true, false, false]); // It saves up a burst, and no more.
});

it('counts each for itself', () => {
  const of = limit();
  asks(of, 'a', 4, 0);
  expect(of.admits('b', 0)).toBe(true);
});

it('remembers a bounded number, and forgets whoever was away longest', () => {
  const of = limit();
  asks(of, 'a', 3, 0);
  asks(of, 'b', 3, 0);
  of.admits('a', 0);
  of.admits('c', 0); // b goes.
  expect([of.admits('a', 0), of.admits('c', 0)]).toEqual([false, true]);
  expect(of.admits('b', 0)).toBe(true);
});

it('tells whether one would be let in, and counts nothing by that', () => {
  const of = limit();
  expect(Array.from({ length: 9 }, () => of.wouldAdmit('a', 0))).not.toContain(false);
  asks(of, 'a', 3, 0);
  expect([of.wouldAdmit('a', 0), of.wouldAdmit('b', 0), of.wouldAdmit('a', 500)]).toEqual([false, true, true]);
});

it('takes one back that was counted, and never above a burst', () => {
  const of = limit();
  asks(of, 'a', 3, 0);
  of.giveBack('a', 0);
  expect(asks(of, 'a', 2, 0)).toEqual([true, false]);
  for (let i = 0; i < 9; i++) of.giveBack('a', 0);
  expect(asks(of, 'a', 4, 0)).toEqual([true, true, true, false]);
  of.giveBack('b', 0);
  expect(asks(of, 'b', 4, 0)).toEqual([true, true, true, false]);
});
