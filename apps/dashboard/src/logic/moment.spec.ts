import { absolute, ago, ahead, clockTime, date, duration, latency, local } from './moment.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

it.each([
  [-5_000, '0s', '0s'],
  [0, '0s', '0s'],
  [999, '0s', '0s'],
  [38 * SECOND, '38s', '38s'],
  [59_999, '59s', '59s'],
  [60 * SECOND, '1m', '1m'],
  [4 * 60 * SECOND + 12 * SECOND, '4m', '4m 12s'],
  [3 * HOUR + 7 * 60 * SECOND, '3h', '3h 7m'],
  [26 * HOUR, '1d', '1d 2h'],
  [400 * 24 * HOUR, '400d', '400d'],
])('%d ms is %s, more finely %s', (ms, rough, fine) => {
  expect(duration(ms)).toBe(rough);
  expect(duration(ms, true)).toBe(fine);
});

describe('relative time', () => {
  const at = '2026-11-23T10:00:00.000Z';
  const now = (ms: number): number => Date.parse(at) + ms;

  it.each([
    [-3_000, 'now'],
    [1_999, 'now'],
    [2_000, '2s ago'],
    [5 * 60 * SECOND, '5m ago'],
  ])('%d ms later: %s', (ms, text) => expect(ago(at, now(ms))).toBe(text));

  it.each([
    [-8_400, 'in 8s'],
    [-90_000, 'in 1m 30s'],
    [-999, 'due'],
    [60_000, 'due'],
  ])('%d ms from it: %s', (ms, text) => expect(ahead(at, now(ms))).toBe(text));
});

it.each([
  [null, '–'],
  [0.4, '<1 ms'],
  [3.6, '4 ms'],
  [999.4, '999 ms'],
  [1_240, '1.2 s'],
  [12_400, '12 s'],
])('a latency of %p is %s', (ms, text) => expect(latency(ms)).toBe(text));

it('says the time of day in one way', () => {
  for (const at of ['2026-11-23T00:04:31.000Z', '2026-11-23T07:14:31.000Z', '2026-11-23T19:14:31.000Z'])
    expect(local(at)).toMatch(new RegExp(`2026.* ${clockTime(at)}$`));
});

it.each(['', 'yesterday', '2026-99-99T99:99:99Z'])('shows no time where an event says %j', (at) => {
  expect([local(at), clockTime(at), date(at)]).toEqual(['–', '–', '–']);
  expect(absolute(at)).toBe(at === '' ? 'It says no time.' : at);
});
