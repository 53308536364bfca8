import { Clock } from '@app/kernel';
import { type LinkPolicy, POLICY } from './policy.js';

/** What time it is, chance, and how long is long: what tests of links may have otherwise. */
export class LinkTiming {
  readonly policy: LinkPolicy = POLICY;
  readonly clock: Clock = new Clock();

  /** At least 0, less than 1. */
  chance(): number {
    return Math.random();
  }
}
