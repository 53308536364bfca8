import { ValidateBy, type ValidationOptions } from 'class-validator';
import { LINES, NAME, TEXT, areAtMost } from './plain-text.js';

interface TextOptions {
  /** The text may have tabs and line breaks: notes of operators, not what is shown on one line. */
  readonly lines?: boolean;
  /** The field is a list of such texts. */
  readonly each?: boolean;
}
interface NameOptions {
  /** No blank at either end. Where two names that look the same would be told apart by one. */
  readonly trimmed?: boolean;
}

const TRIMMED = new RegExp(String.raw`^(?!\s)(?!.*\s$)${NAME.source.slice(1)}`, 'u');

/** A text of at most `max` characters: well-formed Unicode without control characters. May be empty. */
export const IsText = (max: number, { lines = false, each = false }: TextOptions = {}): PropertyDecorator => {
  const pattern = lines ? LINES : TEXT;
  const controls = lines ? 'without control characters other than tabs and line breaks' : 'without control characters';
  return rule('isText', [max, pattern], `text of at most ${max} characters, well-formed and ${controls}`, { each }, (value) =>
    holds(value, max, pattern),
  );
};

/** What somebody or something is called, in 1 to `max` characters: as `IsText`, and each character can be seen. */
export const IsName = (max: number, { trimmed = false }: NameOptions = {}): PropertyDecorator => {
  const pattern = trimmed ? TRIMMED : NAME;
  const blanks = trimmed ? ', and without blanks at its ends' : '';
  const words = `1 to ${max} characters, well-formed, without control, bidirectional and invisible characters${blanks}`;
  return rule('isName', [max, pattern], words, {}, (value) => holds(value, max, pattern));
};

const holds = (value: unknown, max: number, pattern: RegExp): boolean =>
  typeof value === 'string' && areAtMost(value, max) && pattern.test(value);

const rule = (
  name: string,
  constraints: unknown[],
  words: string,
  { each = false }: ValidationOptions,
  validate: (value: unknown) => boolean,
): PropertyDecorator =>
  ValidateBy({ name, constraints, validator: { validate, defaultMessage: () => `$property must be ${words}` } }, { each });
