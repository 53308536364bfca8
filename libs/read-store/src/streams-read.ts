import { FACTS, TELEMETRY } from '@app/event-store';
import type { AnyFold, EventClass, Stream } from '@app/kernel';

const STREAM_OF = { fact: 'facts', call: 'calls', telemetry: 'telemetry' } as const satisfies Record<EventClass['kind'], Stream>;

/** The streams a fold can read today. Calls are kept a month to a stream, and come with the federation. */
export const KEPT_IN = { facts: FACTS, telemetry: TELEMETRY } as const;

/** The one stream a fold reads. Throws when that is none, or several. */
export function streamOf({ table, reads }: Pick<AnyFold, 'table' | 'reads'>): keyof typeof KEPT_IN {
  const streams = new Set(reads.map(({ kind }) => STREAM_OF[kind]));
  const [stream] = streams;
  if (stream === undefined || streams.size > 1 || stream === 'calls')
    throw new Error(`${table} cannot read ${[...streams].join(' and ') || 'nothing'}`);
  return stream;
}
