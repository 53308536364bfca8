import { INSTANT, type EventClass, type Instant, type Stream, readEvent, subjectOf } from '@app/kernel';
import { type Catalogue, type RawMessage, type Recorded, recorded, typeOf } from './envelope.js';
import type { Voids } from './voids.js';

/** Why no fold can use a message. The codes are public: operators meet them in lists of parked rows. */
export type UnreadableCode =
  | 'decode.missing-headers'
  | 'decode.malformed-json'
  | 'decode.unknown-type'
  | 'decode.unknown-version'
  | 'decode.upcast-failed'
  | 'decode.wrong-subject';

/** A message that no release can read. An admin can void it. */
export interface Unreadable {
  readonly is: 'unreadable';
  readonly code: UnreadableCode;
  readonly detail: string;
}
/** A message of a newer release. It is read after the upgrade, and can never be voided. */
export interface Newer {
  readonly is: 'newer';
  readonly type: string;
  readonly version: number;
  /** The release that wrote it. */
  readonly release: string;
}
export type Decoded = { readonly is: 'event'; readonly event: Recorded } | { readonly is: 'voided' } | Newer | Unreadable;

const VOIDED: Decoded = { is: 'voided' };
const unreadable = (code: UnreadableCode, detail: string): Unreadable => ({ is: 'unreadable', code, detail });

/** The subject's first token names the stream that keeps it. */
export const streamOfSubject = (subject: string): Stream => subject.slice(0, subject.indexOf('.')) as Stream;

/**
 * Turns a stored message into an event of today's shape, or says why that is impossible. Never throws: nothing that is in the log
 * stops its readers. Each reader decides what an unreadable message means for what it keeps.
 */
export class Decoder {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly voids: Pick<Voids, 'has'>,
  ) {}

  decode(message: RawMessage): Decoded {
    if (this.voids.has(streamOfSubject(message.subject), message.seq)) return VOIDED;
    const { type, version } = typeOf(message);
    if (type === '' || !Number.isSafeInteger(version) || version < 1)
      return unreadable('decode.missing-headers', 'It has no ce-type and ce-dataschema, so no event store wrote it.');
    const event = this.catalogue.get(type);
    if (event === undefined || !reads(event, version)) return this.unknown(message, type, version, event);
    return lifted(event, version, message);
  }

  /** The header `cb-release` tells an event of a newer release from a message that another program published. */
  private unknown({ headers }: RawMessage, type: string, version: number, event: EventClass | undefined): Newer | Unreadable {
    const release = headers?.get('cb-release') ?? '';
    if (release !== '') return { is: 'newer', type, version, release };
    return event === undefined
      ? unreadable('decode.unknown-type', `No release knows ${type}.`)
      : unreadable('decode.unknown-version', `No release knows version ${version} of ${type}.`);
  }
}

const reads = (event: EventClass, version: number): boolean => version === event.version || event.past[version] !== undefined;

function lifted(event: EventClass, version: number, message: RawMessage): Decoded {
  let stored: Recorded;
  try {
    stored = recorded(message);
  } catch {
    return unreadable('decode.malformed-json', 'Its body is not JSON.');
  }
  if (stored.id === '' || !INSTANT.test(stored.at))
    return unreadable('decode.missing-headers', 'It has no ce-id, or its ce-time is not an instant.');
  if (typeof stored.data !== 'object' || stored.data === null || Array.isArray(stored.data))
    return unreadable('decode.malformed-json', 'Its body is not a JSON object.');
  try {
    const data: unknown = version === event.version ? stored.data : readEvent(event, version, stored.data);
    const subject = subjectOf(event.kind, aggregateOf(event.type), event.streamId(data));
    if (subject !== stored.subject) return unreadable('decode.wrong-subject', `Its data belong on ${subject}.`);
    return { is: 'event', event: version === event.version ? stored : { ...stored, version: event.version, data } };
  } catch (error) {
    return unreadable('decode.upcast-failed', `Version ${version} of ${event.type} cannot be lifted: ${String(error)}`);
  }
}

/** `federation.peer.suspended` happened to a `federation.peer`. */
const aggregateOf = (type: string): string => type.slice(0, type.lastIndexOf('.'));

/** When a message says it was made; undefined: it does not say. */
export const madeAt = ({ headers }: RawMessage): Instant | undefined => {
  const at = headers?.get('ce-time') ?? '';
  return INSTANT.test(at) ? (at as Instant) : undefined;
};
