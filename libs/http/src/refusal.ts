import { type Refusal, type RefusalCatalogue, isRefusal } from '@app/kernel';
import type { Accepted } from './accepted.view.js';
import { ProblemException } from './problem.filter.js';

const STATUS = { 'not-found': 404, conflict: 409, invalid: 422 } as const;

/** A refusal becomes its problem; anything else is the answer. */
export function acceptedOr<T extends object = Accepted>(refusals: RefusalCatalogue, outcome: T | Refusal): T {
  if (!isRefusal(outcome)) return outcome;
  throw problemOf(refusals, outcome);
}

/** The words of the context's catalogue around what the rule knew. */
export function problemOf(refusals: RefusalCatalogue, { refused: code, facts }: Refusal): ProblemException {
  const entry = refusals[code as keyof RefusalCatalogue];
  if (entry === undefined) throw new Error(`${code}: not in this room's refusals`);
  const { kind, title, next } = entry;
  const detail = entry.detail.replaceAll(/\{(\w+)\}/g, (hole, name: string) => String(facts[name] ?? hole));
  return new ProblemException({ title, status: STATUS[kind], code, detail, next, facts });
}
