import type { FactClass } from './event.js';
import type { AnyFold } from './project.js';
import type { Rule } from './decide.js';

/**
 * What is held when the log lost its end and is accepted as it is: whatever has a right now that it had not, or had otherwise, in the rows
 * that were built from the lost end as well. `any`: each has its own rows and its own rule.
 */
export interface Holdable {
  /** As an operator reads it: `service tokens`. */
  readonly what: string;
  /** Whose rows are compared. */
  readonly model: AnyFold;
  /** What has a right by a row: its id, and everything the right depends on, as text. Never a status, a label or a count. */
  readonly rights: (row: any) => ReadonlyMap<string, string>;
  readonly hold: Rule<any, any, FactClass, any>;
  /** The data of `hold` for one id. */
  readonly of: (id: string) => object;
  /** One of those that have rights, in a line. */
  readonly named: (row: any, id: string) => string;
}
