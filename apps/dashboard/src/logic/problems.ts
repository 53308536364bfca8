import type { Problem } from '../contract.js';
import { said } from './said.js';
import { capital } from './words.js';

/** What a form shows of a problem: words at the fields it names, and above the form what belongs to none of them. */
export interface FormTrouble<Field extends string> {
  readonly fields: { readonly [Name in Field]?: string | undefined };
  readonly general: Problem | null;
}

/** What the form calls its fields, where that is not the word of the API. */
export type FieldNames<Field extends string> = { readonly [Name in Field]?: string | undefined };

/**
 * `errors[]` name their fields. A refusal names none: `hints` say which field a code is about, first match wins, and its
 * sentence and way out stand there.
 */
export function troubleOf<Field extends string>(
  problem: Problem,
  hints: Readonly<Record<Field, RegExp>>,
  names?: FieldNames<Field>,
): FormTrouble<Field> {
  const known = Object.keys(hints) as Field[];
  const fields: Partial<Record<Field, string>> = {};
  let strangers = 0;
  for (const { field, message } of problem.errors ?? []) {
    const own = known.find((name) => name === field);
    if (own === undefined) strangers += 1;
    else fields[own] = [fields[own], sentence(named(message, own, names?.[own]))].filter((word) => word !== undefined).join(' ');
  }
  if ((problem.errors ?? []).length > 0) return { fields, general: strangers > 0 ? problem : null };
  const own = problem.status < 500 && known.find((name) => hints[name].test(problem.code));
  if (!own) return { fields, general: problem };
  return {
    fields: { [own]: named(`${said(problem.detail)} ${problem.next}`, own, names?.[own]) } as Partial<Record<Field, string>>,
    general: null,
  };
}

const sentence = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`);

/** At the beginning of a message the word of the API is the subject; within one, only a word that nobody would say is meant. */
function named(message: string, field: string, name: string | undefined): string {
  if (name === undefined) return message;
  const begun = message.startsWith(`${field} `) ? capital(name) + message.slice(field.length) : message;
  return field.includes('_') ? begun.replaceAll(field, name) : begun;
}
