import { CALLS, FACTS, TELEMETRY } from '@app/event-store';
import type { AnyFold, EventClass, Stream } from '@app/kernel';

const STREAM_OF = { fact: 'facts', call: 'calls', telemetry: 'telemetry' } as const satisfies Record<EventClass['kind'], Stream>;

/** What each stream is called where it is kept. */
export const KEPT_IN = { facts: FACTS, calls: CALLS, telemetry: TELEMETRY } as const satisfies Record<Stream, string>;

/**
 * Whether every position of a stream is there, from the first: then one that is missing was lost. Of the others the oldest go in time,
 * so that a table built anew from them lacks what only those had made of it.
 */
export const isDense = (stream: Stream): boolean => stream === 'facts';

/** Whether nothing but events of ours may be in a stream. A record that anything could stand in is none. */
export const isGuarded = (stream: Stream): boolean => stream !== 'telemetry';

/** The one stream a fold reads. Throws when that is none, or several. */
export function streamOf({ table, reads }: Pick<AnyFold, 'table' | 'reads'>): Stream {
  const streams = new Set(reads.map(({ kind }) => STREAM_OF[kind]));
  const [stream] = streams;
  if (stream === undefined || streams.size > 1) throw new Error(`${table} cannot read ${[...streams].join(' and ') || 'nothing'}`);
  return stream;
}
