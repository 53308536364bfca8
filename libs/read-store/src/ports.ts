import type { Instant } from '@app/kernel';
import type { Model } from './table.js';

/** What a query needs of a database: rows for a text and its values. `pg` fits, and so does a test. */
export abstract class Rows {
  abstract query(text: string, values: readonly unknown[]): Promise<{ rows: unknown[] }>;
}

/** Data, and how far it can be relied on. `AnswerOf` in `@app/http` is the same as a view. */
export interface Answer<T> {
  readonly data: T;
  readonly as_of: Instant;
  readonly position: string;
  readonly lag_ms: number | null;
  readonly warnings: { code: string; detail: string }[];
}

/** The one way to ask a read model. */
export abstract class ReadModels {
  /**
   * Runs `query` on rows that hold every event up to `asked.after`, when given, waiting for them READ_WAIT_MS at most.
   *
   * Throws the problem `read.behind` (503), with the position reached as a fact, when they are not there by then. While
   * PostgreSQL does not answer: the last answer to the same question, with the warning `read.snapshot`; without one, the problem
   * `read.unavailable` (503). Until the model is first built: `read.rebuilding` (503). Where its
   * rows are of another version than the query: `read.table-differs` (503).
   */
  abstract answer<T>(model: Model, asked: { after?: string }, query: (db: Rows) => Promise<T>): Promise<Answer<T>>;
}
