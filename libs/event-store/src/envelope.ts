import { type EventClass, type Instant, type NewEvent, RELEASE, type StoredEvent, type Stream } from '@app/kernel';
import { type MsgHdrs, MsgHdrsImpl } from '@nats-io/transport-node';
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
  /** The mark of the request, as `RequestMarks` makes it; absent: the command has no Idempotency-Key. */
  readonly requestMark?: string;
}

/** The mark of the request that an event came of. */
const REQUEST_MARK = 'cb-request';

/** The id of the `index`-th event of a command, from 0: `ce-id`, and what the server recognises a repetition by. */
export const eventId = (commandId: string, index: number): string => v5(String(index), commandId);

/** `ce-source`: which instance said it. */
export const sourceOf = ({ instance_id }: InstanceIdentity): string => `/instances/${instance_id}`;

/** CloudEvents 1.0, NATS binding, binary mode: attributes are headers, the body is the data as JSON. */
export function headersOf(
  event: NewEvent,
  id: string,
  source: string,
  { commandId, actor, at, correlationId, causationId, requestMark }: Context,
): MsgHdrs {
  const head = new MsgHdrsImpl();
  // The client's `set` compares a name with all that are there, twice; of fourteen headers that was a fifth of the time of an append.
  const set = (name: string, value: string): void => void head.headers.set(name, [MsgHdrsImpl.validHeaderValue(value)]);
  set('Nats-Msg-Id', id);
  set('content-type', 'application/json');
  set('ce-specversion', '1.0');
  set('ce-id', id);
  set('ce-type', event.type);
  set('ce-source', source);
  set('ce-subject', event.subject.slice(event.subject.lastIndexOf('.') + 1));
  set('ce-time', at);
  set('ce-dataschema', `${SCHEMA}${event.type}/${event.version}`);
  set('ce-actor', actor);
  set('ce-correlationid', correlationId ?? commandId);
  set('ce-causationid', causationId ?? commandId);
  set('cb-release', RELEASE);
  if (requestMark !== undefined) set(REQUEST_MARK, requestMark);
  return head;
}
const SCHEMA = '/schemas/';

/** A stored message, whichever of the client's APIs it came by. */
export interface RawMessage {
  readonly subject: string;
  readonly seq: number;
  readonly headers: Pick<MsgHdrs, 'get'> | undefined;
  /** Of the body, bytes. */
  readonly size: number;
  json<T>(): T;
}

/** An event with the two headers that only an audit asks for. */
export interface Recorded extends StoredEvent {
  readonly correlation_id: string;
  readonly causation_id: string;
}

/** Empty: it came of no request with an Idempotency-Key, or an earlier release wrote it. */
export const requestMarkOf = ({ headers: head }: RawMessage): string => head?.get(REQUEST_MARK) ?? '';

/** The type and version that the headers declare; `''` and NaN where they declare none. */
export function typeOf({ headers: head }: RawMessage): { type: string; version: number } {
  const schema = head?.get('ce-dataschema') ?? '';
  return { type: head?.get('ce-type') ?? '', version: Number(schema.slice(schema.lastIndexOf('/') + 1) || NaN) };
}

/** A message as it was written, whatever its type and version. Throws `SyntaxError` when the body is not JSON. */
export function recorded(message: RawMessage): Recorded {
  const { subject, seq, headers: head } = message;
  const attribute = (name: string): string => head?.get(name) ?? '';
  return {
    ...typeOf(message),
    subject,
    data: message.json<unknown>(),
    id: attribute('ce-id'),
    at: attribute('ce-time') as Instant,
    stream: subject.slice(0, subject.indexOf('.')) as Stream,
    position: seq,
    actor: attribute('ce-actor'),
    correlation_id: attribute('ce-correlationid'),
    causation_id: attribute('ce-causationid'),
  };
}

/** Every event class this process knows, by type. */
export class Catalogue {
  private readonly byType: ReadonlyMap<string, EventClass>;

  constructor(classes: readonly EventClass[]) {
    this.byType = new Map(classes.map((event) => [event.type, event]));
  }

  get(type: string): EventClass | undefined {
    return this.byType.get(type);
  }
}
