import { Matches } from 'class-validator';

const LABEL = /^[^\p{Cc}\s](?:\P{Cc}{0,251}[^\p{Cc}\s])?$/u;

/** What operators call an agent; its host name unless they chose one. One line that looks the same wherever it is shown. */
export const IsLabel = (): PropertyDecorator =>
  Matches(LABEL, { message: '$property must be 1 to 253 characters, without control characters, and without blanks at its ends' });
