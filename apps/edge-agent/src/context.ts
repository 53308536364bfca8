import type { Clock } from './clock.js';
import type { State } from './state.js';
import type { Terminal } from './terminal.js';

/** What a command has at hand. */
export interface Context {
  readonly state: State;
  readonly terminal: Terminal;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** A line for whoever reads the log; it goes to stderr. Nothing secret is in it. */
  readonly say: (line: string) => void;
}
