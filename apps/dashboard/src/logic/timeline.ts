import type { LiveSection, RecordedEvent } from '../contract.js';
import { wordOf } from './words.js';

/** One kind of history that a row has; its subjects are `<log>.<room>.<stream>.<id>`. */
export interface Log {
  readonly name: string;
  readonly stream: RecordedEvent['stream'];
  readonly subject: string;
}

export const PEER_HEARTBEATS: Log = { name: 'Heartbeats', stream: 'telemetry', subject: 'telemetry.federation.heartbeat' };
export const AGENT_HEARTBEATS: Log = { name: 'Heartbeats', stream: 'telemetry', subject: 'telemetry.edge.heartbeat' };
export const PROBES: Log = { name: 'Probes', stream: 'telemetry', subject: 'telemetry.services.health' };

/** The first is what became of the thing; the others are what it was known by, and what it did. */
export const LOGS: Readonly<Record<LiveSection, readonly [Log, ...Log[]]>> = {
  federation: [
    { name: 'Facts', stream: 'facts', subject: 'facts.federation.peer' },
    { name: 'Calls', stream: 'calls', subject: 'calls.federation.call' },
    PEER_HEARTBEATS,
  ],
  edge: [
    { name: 'Facts', stream: 'facts', subject: 'facts.edge.agent' },
    { name: 'Tunnel', stream: 'facts', subject: 'facts.edge.tunnel' },
    { name: 'Gateways', stream: 'facts', subject: 'facts.edge.gateway' },
    { name: 'Cost', stream: 'facts', subject: 'facts.edge.cost' },
    AGENT_HEARTBEATS,
  ],
  services: [{ name: 'Facts', stream: 'facts', subject: 'facts.services.component' }, PROBES],
};

export const subjectOf = ({ subject }: Log, id: string): string => `${subject}.${id}`;

/** The id at the end of a subject: what happened to whom. */
export const subjectId = (subject: string): string => subject.slice(subject.lastIndexOf('.') + 1);

/** One change of a thing's state, told. */
export interface Change {
  readonly event: RecordedEvent;
  readonly title: string;
  /** Why, in the words of the fact. */
  readonly why: string | null;
  /** The status it changed to, where the fact says so. */
  readonly to: string | null;
}

/** `services.component.status-changed` with `from` and `to` is told by them, any other fact by its verb. */
export function changeOf(event: RecordedEvent): Change {
  const { from, to, sentence, note, reason, label } = event.data;
  const why = [sentence, note, reason, label].find((word): word is string => typeof word === 'string' && word !== '') ?? null;
  if (typeof to !== 'string') return { event, title: verbOf(event.type), why, to: null };
  return { event, title: typeof from === 'string' ? `${wordOf(from)} → ${wordOf(to)}` : wordOf(to), why, to };
}

/** `federation.peer.registered` -> `registered`. */
export const verbOf = (type: string): string => type.slice(type.lastIndexOf('.') + 1).replaceAll('-', ' ');
