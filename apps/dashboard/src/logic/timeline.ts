import type { RecordedEvent } from '../contract.js';
import { wordOf } from './words.js';

/** The two kinds of history a row has; subjects are `<log>.<room>.<stream>.<id>`. */
const SUBJECTS = {
  federation: { facts: 'facts.federation.peer', telemetry: 'telemetry.federation.heartbeat' },
  services: { facts: 'facts.services.component', telemetry: 'telemetry.services.health' },
} as const;

export type Log = 'facts' | 'telemetry';
export const subjectOf = (section: keyof typeof SUBJECTS, log: Log, id: string): string => `${SUBJECTS[section][log]}.${id}`;

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
