import { type EventClass, type Instant, type NewEvent, type StoredEvent, type Stream, UnknownEvent, readEvent } from '@app/kernel';
import { type MsgHdrs, headers } from '@nats-io/transport-node';
import { v5 } from 'uuid';
import type { InstanceIdentity } from './identity.js';

/** What an append says of all its events alike. */
export interface Context {
  /** A UUID. The same command sent again has the same, and so have its events. */
  readonly commandId: string;
  readonly actor: string;
  readonly at: Instant;
  /** The first cause of all; the command itself when it came of nothing. */
  readonly correlationId?: string;
  readonly causationId?: string;
}

/** The id of the `index`-th event of a command, from 0: `ce-id`, and what the server recognises a repetition by. */
export const eventId = (commandId: string, index: number): string => v5(String(index), commandId);

/** `ce-source`: which instance said it. */
export const sourceOf = ({ instance_id }: InstanceIdentity): string => `/instances/${instance_id}`;

/** CloudEvents 1.0, NATS binding, binary mode: attributes are headers, the body is the data as JSON. */
export function headersOf(
  event: NewEvent,
  id: string,
  source: string,
  { commandId, actor, at, correlationId, causationId }: Context,
): MsgHdrs {
  const head = headers();
  head.set('Nats-Msg-Id', id);
  head.set('content-type', 'application/json');
  head.set('ce-specversion', '1.0');
  head.set('ce-id', id);
  head.set('ce-type', event.type);
  head.set('ce-source', source);
  head.set('ce-subject', event.subject.slice(event.subject.lastIndexOf('.') + 1));
  head.set('ce-time', at);
  head.set('ce-dataschema', `${SCHEMA}${event.type}/${event.version}`);
  head.set('ce-actor', actor);
  head.set('ce-correlationid', correlationId ?? commandId);
  head.set('ce-causationid', causationId ?? commandId);
  return head;
}
const SCHEMA = '/schemas/';

/** A stored message, whichever of the client's APIs it came by. */
export interface RawMessage {
  readonly subject: string;
  readonly seq: number;
  readonly headers: Pick<MsgHdrs, 'get'> | undefined;
  json<T>(): T;
}

/** An event with the two headers that only an audit asks for. */
export interface Recorded extends StoredEvent {
  readonly correlation_id: string;
  readonly causation_id: string;
}

/** As it was written, whatever its type and version. Throws `ForeignMessage` for what no event store of ours wrote. */
export function recorded(message: RawMessage): Recorded {
  const { subject, seq, headers: head } = message;
  const schema = head?.get('ce-dataschema') ?? '';
  const type = head?.get('ce-type') ?? '';
  const version = Number(schema.slice(schema.lastIndexOf('/') + 1));
  if (head === undefined || type === '' || !Number.isInteger(version) || version < 1) throw new ForeignMessage(subject, seq);
  return {
    type,
    version,
    subject,
    data: message.json<unknown>(),
    id: head.get('ce-id'),
    at: head.get('ce-time') as Instant,
    stream: subject.slice(0, subject.indexOf('.')) as Stream,
    position: seq,
    actor: head.get('ce-actor'),
    correlation_id: head.get('ce-correlationid'),
    causation_id: head.get('ce-causationid'),
  };
}

/** Something wrote to our subjects past the event store. Nothing that reads the log can go on as if it were not there. */
export class ForeignMessage extends Error {
  readonly code = 'event-store.foreign-message';

  constructor(subject: string, seq: number) {
    super(`the message at ${seq} on ${subject} is no event: it lacks the CloudEvents headers`);
  }
}

/** Every event class this process knows, by type. */
export class Catalogue {
  private readonly byType: ReadonlyMap<string, EventClass>;

  constructor(classes: readonly EventClass[]) {
    this.byType = new Map(classes.map((event) => [event.type, event]));
  }

  knows(type: string): boolean {
    return this.byType.has(type);
  }

  /** Lifted to today's shape. Throws `UnknownEvent` where a newer process wrote it. */
  read(message: RawMessage): Recorded {
    const stored = recorded(message);
    const event = this.byType.get(stored.type);
    if (event === undefined) throw new UnknownEvent(stored.type, stored.version);
    if (event.version === stored.version) return stored;
    return { ...stored, version: event.version, data: readEvent(event, stored.version, stored.data as object) };
  }
}
