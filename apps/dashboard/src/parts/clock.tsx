import { useSyncExternalStore } from 'react';
import { feed } from '../api/feed.js';
import type { Instant } from '../contract.js';
import type { Freshness } from '../logic/freshness.js';
import { NOTHING, absolute, ago, ahead, duration, isInstant } from '../logic/moment.js';

export const useFreshness = (): Freshness => useSyncExternalStore(feed.onState, feed.freshness);

/** Something told of the server's time; whoever uses it renders again only when what is told changes. */
export const useClock = <T extends string | number>(tell: (serverNow: number) => T): T =>
  useSyncExternalStore(feed.onTick, () => tell(feed.clock.now()));

const TELL = {
  ago: (at: Instant, now: number) => ago(at, now),
  ahead: (at: Instant, now: number) => ahead(at, now),
  for: (at: Instant, now: number) => duration(now - Date.parse(at)),
  'for-fine': (at: Instant, now: number) => duration(now - Date.parse(at), true),
} as const;

/** A time as it looks from now, by the server's clock; the instant itself on hover. */
export const Time = ({ at, tell = 'ago', className = '' }: { at: Instant | null; tell?: keyof typeof TELL; className?: string }) =>
  at === null || !isInstant(at) ? (
    <span className={`text-faint ${className}`}>{NOTHING}</span>
  ) : (
    <Moment at={at} tell={tell} className={className} />
  );

const Moment = ({ at, tell, className }: { at: Instant; tell: keyof typeof TELL; className: string }) => {
  const text = useClock((now) => TELL[tell](at, now));
  return (
    <time dateTime={at} data-tip={absolute(at)} className={className}>
      {text}
    </time>
  );
};
