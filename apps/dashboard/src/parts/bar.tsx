import { type PointerEvent, memo, useMemo } from 'react';
import type { Minute } from '../contract.js';
import { type Bucket, type Colour, type Geometry, barWords, bucketAt, lastHour, pathsOf, widthOf } from '../logic/bars.js';
import { clockTime } from '../logic/moment.js';
import { wordOf } from '../logic/words.js';
import { useClock } from './clock.js';
import { showTip } from './tip.js';

export const SMALL: Geometry = { column: 2, gap: 1, height: 20 };
export const LARGE: Geometry = { column: 5, gap: 1, height: 44 };

const SOLID: Record<Colour, string> = {
  green: 'fill-up-fill',
  amber: 'fill-degraded-fill',
  red: 'fill-down-fill',
  unknown: 'fill-[url(#hatch)]',
};
const COLOURS = ['unknown', 'green', 'amber', 'red'] as const;

/** The pattern all bars share; stands once in the page. */
export const HatchPattern = () => (
  <svg width="0" height="0" aria-hidden="true" className="absolute">
    <defs>
      <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="5" height="5" className="fill-unknown-wash" />
        <rect width="1.2" height="5" className="fill-unknown-fill" />
      </pattern>
    </defs>
  </svg>
);

/** Where nothing at all is known, texture is not news: it stays in the background. */
const isBlind = (buckets: readonly Bucket[]): boolean => buckets.every(({ colour }) => colour === 'unknown');

const NOTHING: readonly Minute[] = [];

interface BarProps {
  history: readonly Minute[] | null;
  geometry?: Geometry;
  /** As wide as its place, whose ends are then its own. */
  wide?: boolean;
}

/** Sixty minutes: height is the good share, colour the worst that was seen, hatched where nobody could look. */
export const Bar = memo(({ history, geometry = SMALL, wide = false }: BarProps) => {
  const minute = useClock((now) => now - (now % 60_000));
  const buckets = useMemo(() => lastHour(history ?? NOTHING, minute), [history, minute]);
  const { solid, faint } = useMemo(() => pathsOf(buckets, geometry), [buckets, geometry]);
  const width = widthOf(geometry);
  const point = ({ currentTarget, clientX }: PointerEvent<SVGSVGElement>): void => {
    const box = currentTarget.getBoundingClientRect();
    showTip({ text: bucketWords(buckets[bucketAt(clientX - box.left, box.width)]!), x: clientX, top: box.top, bottom: box.bottom });
  };
  return (
    <svg
      viewBox={`0 0 ${width} ${geometry.height}`}
      width={wide ? '100%' : width}
      preserveAspectRatio={wide ? 'none' : undefined}
      height={geometry.height}
      role="img"
      aria-label={barWords(buckets)}
      shapeRendering="crispEdges"
      className={`max-w-full ${isBlind(buckets) ? 'opacity-50' : ''}`}
      onPointerMove={point}
      onPointerLeave={() => showTip(null)}
    >
      {COLOURS.map(
        (colour) => faint[colour] && <path key={`faint ${colour}`} d={faint[colour]} className={`${SOLID[colour]} opacity-25`} />,
      )}
      {COLOURS.map((colour) => solid[colour] && <path key={colour} d={solid[colour]} className={SOLID[colour]} />)}
    </svg>
  );
});

function bucketWords({ at, good, bad, colour, awaited }: Bucket): string {
  const time = clockTime(at).slice(0, 5);
  if (awaited) return `${time}  not probed yet`;
  return colour === 'unknown' ? `${time}  nobody could look` : `${time}  ${good} of ${good + bad} probes good, worst ${wordOf(colour)}`;
}
