import { Matches } from 'class-validator';

const LABEL = /^[^\p{Cc}\s](?:\P{Cc}{0,98}[^\p{Cc}\s])?$/u;

/** What operators call a peer. One line that looks the same wherever it is shown. */
export const IsLabel = (): PropertyDecorator =>
  Matches(LABEL, { message: '$property must be 1 to 100 characters, without control characters, and without blanks at its ends' });
