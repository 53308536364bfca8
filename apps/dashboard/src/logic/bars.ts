import type { Minute } from '../contract.js';

const MINUTE_MS = 60_000;
export const BUCKETS = 60;

/** `unknown`: nobody could look. */
export type Colour = Minute['worst'];

export interface Bucket {
  /** The beginning of its minute, epoch milliseconds. */
  readonly at: number;
  readonly good: number;
  readonly bad: number;
  readonly colour: Colour;
  /** It has begun, and nothing was probed in it yet while the minute before was: no news, so nothing is drawn. */
  readonly awaited?: true;
}

/** The last 60 minutes, oldest first, without holes. The current one is awaited until it was probed; once the one before is empty too, silence shows. */
export function lastHour(history: readonly Minute[], now: number): Bucket[] {
  const byMinute = new Map(history.map((minute) => [Date.parse(minute.minute), minute]));
  const current = now - (now % MINUTE_MS);
  const isEmpty = (at: number): boolean => {
    const minute = byMinute.get(at);
    return minute === undefined || minute.good + minute.bad === 0;
  };
  return Array.from({ length: BUCKETS }, (_, index) => {
    const at = current - (BUCKETS - 1 - index) * MINUTE_MS;
    if (isEmpty(at)) {
      const awaited = at === current && !isEmpty(current - MINUTE_MS);
      return { at, good: 0, bad: 0, colour: 'unknown', ...(awaited && { awaited }) };
    }
    const { good, bad, worst } = byMinute.get(at)!;
    return { at, good, bad, colour: worst };
  });
}

/** Whole pixels, so that the columns are sharp. */
export interface Geometry {
  readonly column: number;
  readonly gap: number;
  readonly height: number;
}

/** One path per colour: a thousand rows of sixty columns are some thousand elements, not sixty. */
export interface Paths {
  /** The good share, from the bottom. */
  readonly solid: Partial<Record<Colour, string>>;
  /** What is missing to the top, faint. */
  readonly faint: Partial<Record<Colour, string>>;
}

/** The least that is drawn of a minute in which nothing was good: the colour must be seen. */
const STUB = 3;

export function pathsOf(buckets: readonly Bucket[], { column, gap, height }: Geometry): Paths {
  const solid: Partial<Record<Colour, string>> = {};
  const faint: Partial<Record<Colour, string>> = {};
  buckets.forEach(({ good, bad, colour, awaited }, index) => {
    if (awaited) return;
    const x = index * (column + gap);
    if (colour === 'unknown') {
      solid.unknown = `${solid.unknown ?? ''}M${x} 0h${column}v${height}h-${column}z`;
      return;
    }
    const tall = Math.min(height, Math.max(STUB, Math.round((good / (good + bad)) * height)));
    solid[colour] = `${solid[colour] ?? ''}M${x} ${height - tall}h${column}v${tall}h-${column}z`;
    if (tall < height) faint[colour] = `${faint[colour] ?? ''}M${x} 0h${column}v${height - tall}h-${column}z`;
  });
  return { solid, faint };
}

export const widthOf = ({ column, gap }: Geometry): number => BUCKETS * (column + gap) - gap;

/** Which bucket lies under a pointer at `x` of `width`; the gap belongs to the column before it. */
export const bucketAt = (x: number, width: number): number => Math.max(0, Math.min(BUCKETS - 1, Math.floor((x / width) * BUCKETS)));

export interface Share {
  readonly good: number;
  readonly bad: number;
  /** Minutes in which nobody could look. */
  readonly unknown: number;
}

export const shareOf = (buckets: readonly Bucket[]): Share =>
  buckets.reduce(
    (sum, { good, bad, colour, awaited }) => ({
      good: sum.good + good,
      bad: sum.bad + bad,
      unknown: sum.unknown + (colour === 'unknown' && !awaited ? 1 : 0),
    }),
    { good: 0, bad: 0, unknown: 0 },
  );

/** `99.4 %`, never rounded up to a whole it is not; null where nothing was looked at. */
export function percent({ good, bad }: Pick<Share, 'good' | 'bad'>): string | null {
  if (good + bad === 0) return null;
  const tenths = Math.floor((good / (good + bad)) * 1_000) / 10;
  return `${tenths} %`;
}

/** The bar in words, for those who do not see it. */
export function barWords(buckets: readonly Bucket[]): string {
  const share = shareOf(buckets);
  if (share.unknown === buckets.length) return 'Last 60 minutes: no observations';
  const blind = share.unknown === 0 ? '' : `, ${share.unknown} minutes unknown`;
  return `Last 60 minutes: ${share.good} of ${share.good + share.bad} probes good${blind}`;
}
