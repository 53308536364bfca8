import type { Minute } from '../contract.js';
import { barWords, bucketAt, lastHour, pathsOf, percent, shareOf, widthOf } from './bars.js';

const NOW = Date.parse('2026-11-23T10:00:42.000Z');
const minute = (ago: number, good: number, bad: number, worst: Minute['worst']): Minute => ({
  minute: new Date(NOW - (NOW % 60_000) - ago * 60_000).toISOString(),
  good,
  bad,
  worst,
});
const summary = (history: Minute[], now = NOW): string =>
  lastHour(history, now)
    .map(({ colour }) => colour[0])
    .join('');

describe('the last hour', () => {
  it('has sixty minutes, oldest first, whatever is missing', () => {
    const buckets = lastHour([minute(59, 1, 0, 'green'), minute(2, 1, 1, 'amber'), minute(0, 0, 2, 'red')], NOW);
    expect(buckets).toHaveLength(60);
    expect(buckets.map(({ at }) => at)).toEqual(
      Array.from({ length: 60 }, (_, index) => Date.parse('2026-11-23T09:01:00Z') + index * 60_000),
    );
    expect(summary([minute(59, 1, 0, 'green'), minute(2, 1, 1, 'amber'), minute(0, 0, 2, 'red')])).toBe(`g${'u'.repeat(56)}aur`);
  });

  it('awaits the current minute while the one before was probed, and is silent once the history has fallen behind', () => {
    for (const history of [[minute(1, 1, 0, 'green')], [minute(1, 1, 0, 'green'), minute(0, 0, 0, 'unknown')]]) {
      const buckets = lastHour(history, NOW);
      expect(buckets.slice(-2)).toMatchObject([{ colour: 'green' }, { awaited: true }]);
      expect(shareOf(buckets)).toEqual({ good: 1, bad: 0, unknown: 58 });
      expect(pathsOf(buckets, { column: 2, gap: 1, height: 20 }).solid.unknown?.match(/M/g)).toHaveLength(58);
    }
    expect(lastHour([minute(2, 1, 0, 'green')], NOW).slice(-3)).toMatchObject([
      { colour: 'green' },
      { colour: 'unknown' },
      { colour: 'unknown' },
    ]);
    expect(lastHour([minute(2, 1, 0, 'green')], NOW).some(({ awaited }) => awaited)).toBe(false);
  });

  it('is unknown where nothing was probed', () => {
    expect(summary([])).toBe('u'.repeat(60));
    expect(summary([minute(0, 0, 0, 'green')]).at(-1)).toBe('u');
  });

  it('leaves out what is older', () => expect(summary([minute(0, 1, 0, 'green'), minute(60, 0, 1, 'red')])).toBe(`${'u'.repeat(59)}g`));
});

describe('columns', () => {
  const geometry = { column: 2, gap: 1, height: 20 };
  const paths = (...history: Minute[]) => pathsOf(lastHour([...history, minute(0, 1, 0, 'green')], NOW), geometry);

  it('are as tall as the good share, from the bottom, with the missing share faint above', () => {
    const { solid, faint } = paths(minute(59, 3, 1, 'amber'));
    expect(solid.amber).toBe('M0 5h2v15h-2z');
    expect(faint.amber).toBe('M0 0h2v5h-2z');
  });

  it('show their colour where nothing was good', () => {
    const { solid, faint } = paths(minute(58, 0, 4, 'red'));
    expect(solid.red).toBe('M3 17h2v3h-2z');
    expect(faint.red).toBe('M3 0h2v17h-2z');
  });

  it('are whole and hatched where nobody could look', () => {
    const { solid, faint } = paths();
    expect(solid.unknown?.startsWith('M0 0h2v20h-2z')).toBe(true);
    expect(solid.unknown?.match(/M/g)).toHaveLength(59);
    expect(solid.green).toBe('M177 0h2v20h-2z');
    expect(faint).toEqual({});
  });

  it('fill the width, and are found again under the pointer', () => {
    expect(widthOf(geometry)).toBe(179);
    expect([0, 2.9, 3, 90, 178.9, 179, 400, -4].map((x) => bucketAt(x, 179))).toEqual([0, 0, 1, 30, 59, 59, 59, 0]);
  });
});

describe('shares', () => {
  it('count what was looked at, and the minutes that were not', () => {
    const buckets = lastHour([minute(1, 3, 1, 'amber'), minute(0, 4, 0, 'green')], NOW);
    expect(shareOf(buckets)).toEqual({ good: 7, bad: 1, unknown: 58 });
    expect(barWords(buckets)).toBe('Last 60 minutes: 7 of 8 probes good, 58 minutes unknown');
    expect(barWords(lastHour([], NOW))).toBe('Last 60 minutes: no observations');
  });

  it.each([
    [0, 0, null],
    [7, 1, '87.5 %'],
    [9_999, 1, '99.9 %'],
    [10, 0, '100 %'],
    [0, 4, '0 %'],
  ])('%d good and %d bad are %s, never rounded up', (good, bad, text) => expect(percent({ good, bad })).toBe(text));
});
