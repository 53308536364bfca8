import { Attempts } from './attempts.js';

const failTimes = (attempts: Attempts, times: number, address = '10.0.0.1', now = 0): number[] =>
  Array.from({ length: times }, () => attempts.begin(address, now));

describe('attempts', () => {
  it('lets ten fail, and says how long the next has to wait', () => {
    const attempts = new Attempts();
    expect(failTimes(attempts, 10)).toEqual(Array(10).fill(0));
    expect(attempts.begin('10.0.0.1', 15_000)).toBe(45_000);
  });

  it('begins anew when the minute is over', () => {
    const attempts = new Attempts();
    failTimes(attempts, 10);
    expect(attempts.begin('10.0.0.1', 59_999)).toBe(1);
    expect(failTimes(attempts, 11, '10.0.0.1', 60_000)).toEqual([...Array(10).fill(0), 60_000]);
  });

  it('does not count what succeeds', () => {
    const attempts = new Attempts();
    for (let i = 0; i < 50; i++) {
      expect(attempts.begin('10.0.0.1', i)).toBe(0);
      attempts.forgive('10.0.0.1');
    }
  });

  it('keeps addresses apart', () => {
    const attempts = new Attempts();
    failTimes(attempts, 11);
    expect(attempts.begin('10.0.0.2', 0)).toBe(0);
  });

  it('forgets the address that was quiet longest, and no more than it must', () => {
    const attempts = new Attempts();
    failTimes(attempts, 10, 'quiet');
    failTimes(attempts, 9, 'busy');
    for (let i = 0; i < 9_998; i++) attempts.begin(`other-${i}`, 0);
    expect(attempts.begin('quiet', 0)).toBeGreaterThan(0);
    attempts.begin('busy', 0);
    attempts.begin('one more', 0);
    expect(attempts.begin('quiet', 0)).toBe(0);
    expect(attempts.begin('busy', 0)).toBeGreaterThan(0);
  });
});
