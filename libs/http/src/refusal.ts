import { type Refusal, type RefusalCatalogue, isRefusal } from '@app/kernel';
import type { Accepted } from './accepted.view.js';
import { ProblemException } from './problem.filter.js';

const STATUS = { 'not-found': 404, conflict: 409, invalid: 422 } as const;

/** A refusal becomes its problem; anything else is the answer. */
export function acceptedOr<Catalogue extends RefusalCatalogue, T extends object = Accepted>(
  refusals: Catalogue,
  outcome: T | Refusal<CodeOf<Catalogue>>,
): T {
  if (!isRefusal(outcome)) return outcome;
  throw problemOf(refusals, outcome);
}

type CodeOf<Catalogue> = Extract<keyof Catalogue, string>;

/** Renders a refusal by the catalogue of its context or module. A code that is not in it does not compile. */
export function problemOf<Catalogue extends RefusalCatalogue>(
  refusals: Catalogue,
  { refused: code, facts }: Refusal<CodeOf<Catalogue>>,
): ProblemException {
  const entry = (refusals as RefusalCatalogue)[code as keyof RefusalCatalogue];
  if (entry === undefined) throw new Error(`${code}: not in this catalogue`);
  const { kind, title, next } = entry;
  const detail = entry.detail.replaceAll(/\{(\w+)\}/g, (hole, name: string) => String(facts[name] ?? hole));
  return new ProblemException({ title, status: STATUS[kind], code, detail, next, facts });
}
