import { Position, type Stream } from '@app/kernel';
import type { StreamMark } from './log-marks.js';
import { CALLS, FACTS, type KeptStream, TELEMETRY } from './streams.js';

const KEPT_AS: Readonly<Record<Stream, KeptStream>> = { facts: FACTS, calls: CALLS, telemetry: TELEMETRY };

interface Incarnations {
  of(stream: KeptStream): Pick<StreamMark, 'incarnation' | 'accepted_at'>;
}

/** The four characters by which a token names an incarnation: the last, which are random. */
export const logOf = (incarnation: string): string => incarnation.slice(-4).toLowerCase();

/** A place in each of some streams, with the incarnation it belongs to. */
export function placeIn(known: Incarnations, parts: Readonly<Partial<Record<Stream, number>>>): Position {
  const logs = Object.keys(parts).map((stream) => [stream, logOf(known.of(KEPT_AS[stream as Stream]).incarnation)]);
  return new Position(parts, Object.fromEntries(logs) as Partial<Record<Stream, string>>);
}

/** Whether each part of a position is of the incarnation there is. A token of a time when tokens did not say is, until the first accept. */
export const isPlaceIn = (known: Incarnations, position: Position): boolean =>
  (Object.keys(KEPT_AS) as Stream[]).every((stream) => {
    if (position.of(stream) === undefined) return true;
    const { incarnation, accepted_at } = known.of(KEPT_AS[stream]);
    const log = position.logOf(stream);
    return log === undefined ? accepted_at === null : log === logOf(incarnation);
  });
