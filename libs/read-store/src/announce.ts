import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import type { AnyFold, Stream } from '@app/kernel';

/** What a projector says after each commit, and once a second when nothing happens. Core NATS: who does not listen missed it. */
export interface Announcement {
  readonly table: string;
  readonly stream: Stream;
  /** Every event of `stream` up to here is in the rows. */
  readonly position: number;
  /** Which history the position counts in, as tokens name it; absent: an earlier release said this. */
  readonly log?: string;
  /** How many more events wait, as far as the projector knows. */
  readonly pending: number;
  /** Age of the last event that is in the rows, when it got there: by the clock of NATS, milliseconds. */
  readonly lag_ms: number;
  /** How many units stand still, each at an event that cannot be used. */
  readonly parked: number;
  /** Which rows changed; null: too many to tell. */
  readonly keys: readonly string[] | null;
}

const ROOT = 'announce.read';
const MAX_KEYS = 1_000;

export function announce(nc: NatsConnection, said: Announcement): void {
  const keys = said.keys !== null && said.keys.length > MAX_KEYS ? null : said.keys;
  if (!nc.isClosed()) nc.publish(`${ROOT}.${said.table}`, JSON.stringify({ ...said, keys }));
}

export const hearAnnouncements = (nc: NatsConnection, hear: (said: Announcement) => void): Subscription =>
  nc.subscribe(`${ROOT}.>`, {
    callback: (error, message) => {
      const said = error === null ? announcementIn(message) : undefined;
      if (said !== undefined) hear(said);
    },
  });

/** On subjects of their own: who reads must not take these rows for the ones there are to read. */
const keptOn = ({ table, version }: Kept): string => `announce.kept.${table}.v${version}`;
type Kept = Pick<AnyFold, 'table' | 'version'>;

/** That somebody keeps this version of a table, once a second and also while it is rebuilt; for those that stand by. */
export function announceKept(nc: NatsConnection, fold: Kept): void {
  if (!nc.isClosed()) nc.publish(keptOn(fold));
}

export const hearKept = (nc: NatsConnection, fold: Kept, hear: () => void): Subscription =>
  nc.subscribe(keptOn(fold), { callback: (error) => void (error === null && hear()) });

const STREAMS: readonly string[] = ['facts', 'calls', 'telemetry'] satisfies Stream[];

/** undefined: no projector said this. Who may read the log can have its messages delivered here. */
function announcementIn(message: Msg): Announcement | undefined {
  try {
    const said = { parked: 0, ...message.json<Partial<Announcement> & Omit<Announcement, 'parked'>>() }; // A projector of an earlier release does not say it.
    const { table, stream, position, log, pending, lag_ms, parked, keys } = said;
    const isSound =
      message.subject === `${ROOT}.${table}` &&
      STREAMS.includes(stream) &&
      [position, pending, lag_ms, parked].every((number) => Number.isSafeInteger(number) && number >= 0) &&
      (log === undefined || typeof log === 'string') &&
      (keys === null || (Array.isArray(keys) && keys.every((key) => typeof key === 'string')));
    return isSound ? said : undefined;
  } catch {
    return undefined;
  }
}
