import type { FactClass } from './event.js';
import type { AnyFold } from './project.js';
import type { Decider, Source } from './decide.js';

/** Folds a source as the leader has it, without the facts that cannot be read. */
export type ReadState = <State>(source: Source<State>) => Promise<State>;

/**
 * What is held when the log lost its end and is accepted as it is: whatever has a right now that it had not, or had otherwise, in the rows
 * that were built from the lost end as well. So is that of which a message is voided: it may have been the one that takes the right away.
 * `any`: each has its own rows and its own rule.
 */
export interface Holdable {
  /** As an operator reads it: `service tokens`. */
  readonly what: string;
  /** Whose rows are compared. */
  readonly model: AnyFold;
  /** What has a right by a row: its id, and everything the right depends on, as text. Never a status, a label or a count. */
  readonly rights: (row: any) => ReadonlyMap<string, string>;
  readonly hold: Decider<any, any, FactClass, any>;
  /** The data of `hold` for one id. */
  readonly of: (id: string) => object;
  /** The data of `hold` for each that the facts of a subject are about; none: they are about others. */
  readonly about: (subject: string, read: ReadState) => Promise<readonly object[]>;
  /** One of those that have rights, in a line. */
  readonly named: (row: any, id: string) => string;
}

/** What is done when a message of an aggregate is voided: what the aggregate may do is taken from it until an admin gives it back. */
export type Guard = Pick<Holdable, 'hold' | 'about'>;

/** The id of the aggregate, as a list, when the subject is one of these (`access.token`); else none. */
export const idIn = (aggregate: string, subject: string): string[] => {
  const prefix = `facts.${aggregate}.`;
  return subject.startsWith(prefix) ? [subject.slice(prefix.length)] : [];
};
