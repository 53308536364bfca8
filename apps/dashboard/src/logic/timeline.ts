import type { LiveSection, RecordedEvent } from '../contract.js';
import { said } from './said.js';
import { factTold } from './sentences.js';
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

/** Whether every read model leaves it out: no release can read it, only a newer one can, or an admin voided it. */
export const isUnused = ({ unreadable, voided }: RecordedEvent): boolean => voided || unreadable !== null;

/** Its type, or in place of it why no read model uses it. */
export const eventName = ({ type, unreadable, voided }: RecordedEvent): string => (voided ? 'voided' : (unreadable?.code ?? type));

/** What a newer release wrote needs an upgrade; telemetry ends by age; everything else that is unreadable can be voided. */
export const isVoidable = ({ stream, unreadable, voided }: RecordedEvent): boolean =>
  stream !== 'telemetry' && unreadable !== null && unreadable.code !== 'event.unknown' && !voided;

/** One change of a thing's state, told. */
export interface Change {
  readonly event: RecordedEvent;
  readonly title: string;
  /** Why, in the words of the fact. */
  readonly why: string | null;
  /** The status it changed to, where the fact says so. */
  readonly to: string | null;
}

/** `services.component.status-changed` with `from` and `to` is told by them, any other fact by its verb. From a state to itself: for another reason. */
export function changeOf(event: RecordedEvent): Change {
  if (event.voided) return { event, title: 'voided', why: 'An admin voided this event: every read model skips it.', to: null };
  if (event.unreadable !== null) return { event, title: 'not readable', why: event.unreadable.detail, to: null };
  if (event.data === null) return { event, title: verbOf(event.type), why: 'Its data are too large for a list.', to: null };
  const { from, to, sentence, note, reason, label } = event.data;
  const told = [factTold(event.type, event.data, event.at), sentence, note, reason, label].find(
    (word): word is string => typeof word === 'string' && word !== '',
  );
  const why = told === undefined ? null : said(told);
  if (typeof to !== 'string') return { event, title: verbOf(event.type), why, to: null };
  const title = typeof from !== 'string' ? wordOf(to) : from === to ? `still ${wordOf(to)}` : `${wordOf(from)} → ${wordOf(to)}`;
  return { event, title, why, to };
}

/** What ends a state without a status of its own. */
const ENDINGS: ReadonlySet<string> = new Set(['suspended', 'resumed', 'removed', 'revoked']);

/**
 * How long each state lasted, milliseconds; null: it is so still; undefined: no state began there. `changes`: newest first, from the
 * latest on. What happens within a state, another reason among it, does not end it.
 */
export function lastedOf(changes: readonly Change[]): (number | null | undefined)[] {
  let endedAt: number | null = null;
  return changes.map(({ event, to }) => {
    if (isUnused(event)) return undefined;
    const at = Date.parse(event.at);
    const begins = to !== null && event.data?.from !== to;
    const lasted = endedAt === null ? null : endedAt - at;
    if (begins || ENDINGS.has(verbOf(event.type))) endedAt = at;
    return begins ? lasted : undefined;
  });
}

/** `federation.peer.registered` -> `registered`. */
export const verbOf = (type: string): string => type.slice(type.lastIndexOf('.') + 1).replaceAll('-', ' ');
