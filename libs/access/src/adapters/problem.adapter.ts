import { ProblemException } from '@app/http';
import { type ProblemCode, problems } from '../problems.js';

/** The words of `problems.ts` around what is known this time. To be thrown. */
export function problem(code: ProblemCode, facts: Record<string, string | number> = {}): ProblemException {
  const { status, title, detail, next } = problems[code];
  const about = (words: string): string => words.replaceAll(/\{(\w+)\}/g, (hole, name: string) => String(facts[name] ?? hole));
  return new ProblemException({
    status,
    title,
    code,
    detail: about(detail),
    next: about(next),
    ...(Object.keys(facts).length > 0 && { facts }),
  });
}
