import { NatsClock } from './nats-clock.js';

const SERVER = Date.parse('2026-02-01T12:00:00.000Z'); // Nowhere near the clock of this machine.

describe('NatsClock', () => {
  let monotonicMs: number;
  let clock: NatsClock;
  beforeEach(() => {
    monotonicMs = 1_000;
    clock = new NatsClock(() => monotonicMs);
  });

  it('tells no age before the server said what time it is', () => {
    expect(clock.ageMs(0)).toBe(0);
  });

  it('tells the age of what was stored by the time of the server alone', () => {
    clock.is(SERVER);
    monotonicMs += 2_500;
    expect([clock.ageMs(SERVER), clock.ageMs(SERVER - 1_000), clock.ageMs(SERVER + 9_000)]).toEqual([2_500, 3_500, 0]);
  });

  it('goes on to a later time at which something was stored, and not back to an earlier one', () => {
    clock.is(SERVER);
    clock.isAtLeast(SERVER + 700);
    expect(clock.ageMs(SERVER)).toBe(700);
    clock.isAtLeast(SERVER + 100);
    expect(clock.ageMs(SERVER)).toBe(700);
    clock.is(SERVER + 300);
    expect(clock.ageMs(SERVER)).toBe(300);
  });
});
