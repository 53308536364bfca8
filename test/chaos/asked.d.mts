import type { Mode } from './schedule.js';

/** What the command line asks for. */
export interface Asked {
  readonly seed: number;
  readonly minutes: number;
  readonly modes: readonly Mode[];
  /** A file for the JSON, its table beside it; null: none. */
  readonly report: string | null;
}

/** Throws an `Error` with a sentence. */
export function askedBy(args: readonly string[]): Asked;
