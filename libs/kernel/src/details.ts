import { ValidateBy } from 'class-validator';
import { TEXT, areAtMost, plainText } from './plain-text.js';
import type { Detail, Details } from './sentences.js';

const MAX_FIELDS = 16;
const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const MAX_TEXT = 500;
const MAX_NAMES = 32;
const MAX_NAME = 128;

/** What a sentence is made of: at most 16 fields, each a number, a text, a truth or a list of names. */
export const IsDetails = (): PropertyDecorator =>
  ValidateBy({
    name: 'isDetails',
    validator: { validate: areDetails, defaultMessage: () => `$property must be at most ${MAX_FIELDS} fields of text, numbers and names` },
  });

function areDetails(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const fields = Object.entries(value);
  return fields.length <= MAX_FIELDS && fields.every(([name, one]) => NAME.test(name) && isDetail(one));
}

function isDetail(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= MAX_NAMES && value.every((name) => isTextOf(name, MAX_NAME));
  return value === null || typeof value === 'boolean' || Number.isFinite(value) || isTextOf(value, MAX_TEXT);
}

const isTextOf = (value: unknown, max: number): boolean => typeof value === 'string' && areAtMost(value, max) && TEXT.test(value);

/** Details as they may be stored. Words of the outside become valid text, and a longer list is cut. */
export const plainDetails = (details: Details): Details =>
  Object.fromEntries(Object.entries(details).map(([name, value]) => [name, plainDetail(value)]));

function plainDetail(value: Detail): Detail {
  if (typeof value === 'string') return plainText(value, MAX_TEXT);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return value === null || typeof value === 'boolean' ? value : value.slice(0, MAX_NAMES).map((name) => plainText(name, MAX_NAME));
}

/** In JSON Schema. */
export const DETAILS_SCHEMA = {
  type: 'object',
  maxProperties: MAX_FIELDS,
  propertyNames: { pattern: NAME.source },
  additionalProperties: {
    anyOf: [
      { type: 'string', maxLength: MAX_TEXT, pattern: TEXT.source },
      { type: 'number' },
      { type: 'boolean' },
      { type: 'null' },
      { type: 'array', maxItems: MAX_NAMES, items: { type: 'string', maxLength: MAX_NAME, pattern: TEXT.source } },
    ],
  },
} as const;
