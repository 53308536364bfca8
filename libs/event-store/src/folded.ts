import { FoldFailed, type Source, UnknownEvent } from '@app/kernel';
import type { Recorded } from './envelope.js';
import { AggregateUnreadable } from './errors.js';
import type { Entry } from './aggregate-reader.js';

/** By subject, oldest first. */
export type Facts = Map<string, Entry[]>;

export const headOf = (entries: readonly Entry[]): number => entries.at(-1)?.position ?? 0;

/** A state, and what it lacks: the first message that could not be read or applied. */
export interface Folded<State> {
  readonly state: State;
  readonly trouble: AggregateUnreadable | UnknownEvent | undefined;
}

/**
 * Folds the readable facts of a source. `passes`: without those that cannot be read or applied. Otherwise throws `AggregateUnreadable`,
 * or `UnknownEvent` for a fact of a newer release.
 */
export function folded<State>(source: Source<State>, facts: Facts, passes: boolean): Folded<State> {
  const troubles: NonNullable<Folded<State>['trouble']>[] = [];
  const met = (trouble: AggregateUnreadable | UnknownEvent): void => {
    if (!passes) throw trouble;
    troubles.push(trouble);
  };
  const aggregates = source.subjects.map((subject) => readable(subject, facts.get(subject) ?? [], met));
  for (;;) {
    try {
      return { state: source.fold(aggregates), trouble: troubles[0] };
    } catch (error) {
      if (!(error instanceof FoldFailed)) throw error;
      const { fact, code, message } = error;
      met(new AggregateUnreadable(fact.subject, fact.position, code, message));
      for (const history of aggregates) remove(history, fact.position);
    }
  }
}

function readable(subject: string, entries: readonly Entry[], met: (trouble: AggregateUnreadable | UnknownEvent) => void): Recorded[] {
  return entries.flatMap(({ position, decoded }) => {
    if (decoded.is === 'event') return [decoded.event];
    if (decoded.is === 'newer') met(new UnknownEvent(decoded.type, decoded.version));
    if (decoded.is === 'unreadable') met(new AggregateUnreadable(subject, position, decoded.code, decoded.detail));
    return [];
  });
}

function remove(history: Recorded[], position: number): void {
  const at = history.findIndex((fact) => fact.position === position);
  if (at !== -1) history.splice(at, 1);
}
