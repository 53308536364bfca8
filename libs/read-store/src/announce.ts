import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Stream } from '@app/kernel';

/** What a projector says after each commit, and once a second when nothing happens. Core NATS: who does not listen missed it. */
export interface Announcement {
  readonly table: string;
  readonly stream: Stream;
  /** Every event of `stream` up to here is in the rows. */
  readonly position: number;
  /** How many more events wait, as far as the projector knows. */
  readonly pending: number;
  /** How long the last event took from its making to its row, milliseconds; as clocks go. */
  readonly lag_ms: number;
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
  nc.subscribe(`${ROOT}.>`, { callback: (error, message) => void (error === null && hear(message.json<Announcement>())) });
