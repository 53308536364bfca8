import { reconnectDelayMs } from './backoff.js';

it('spreads over the whole window, which doubles up to 30 s', () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 20].map((attempt) => reconnectDelayMs(attempt, 1));
  expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(reconnectDelayMs(20, 0)).toBe(0);
  expect(reconnectDelayMs(2, 0.25)).toBe(1_000);
});
