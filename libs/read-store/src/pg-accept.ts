import type pg from 'pg';
import type { KeptStream, Mark } from '@app/event-store';
import type { AnyFold, Instant } from '@app/kernel';
import { run } from './pool.js';
import { streamOf } from './streams-read.js';

export interface Begun {
  /** What the stream will be when the accept has ended; the same when an accept that was cut off is begun again. */
  readonly next_incarnation: string;
}

/** The side of an accept that is in PostgreSQL: the states of streams, and the rows that are set aside and compared. */
export class PgAccept {
  constructor(private readonly db: pg.Pool) {}

  /** From here on each process refuses, whatever it finds. */
  async begin(stream: KeptStream, nextIncarnation: string): Promise<string> {
    const text = `
      UPDATE private.log_identity SET state = 'accepting', next_incarnation = COALESCE(next_incarnation, $2)
       WHERE stream = $1 RETURNING next_incarnation`;
    const { rows } = await run(this.db, { text, values: [stream, nextIncarnation] });
    return (rows[0] as Begun).next_incarnation;
  }

  /** The stream is open, in its new incarnation. */
  async finish(stream: KeptStream, end: Mark, beginsAfter: number, at: Instant): Promise<void> {
    const text = `
      UPDATE private.log_identity
         SET incarnation = next_incarnation, next_incarnation = NULL, begins_after = $5, state = 'open', accepted_at = $6,
             mark_sequence = $2, mark_stored_at = $3, mark_message = $4, trouble_code = NULL, trouble_detail = NULL, trouble_end = NULL, restored_at = NULL
       WHERE stream = $1 AND state = 'accepting'`;
    await run(this.db, { text, values: [stream, end.sequence, end.stored_at, end.message, beginsAfter, at] });
  }

  /**
   * Renames the schemas of read models that were built from another incarnation than `next`: they are kept, and still read, until the new
   * ones take their place. Safe to repeat.
   */
  async setAside(stream: 'facts' | 'calls', was: string, next: string): Promise<void> {
    for (const schema of await this.schemas('rm_')) {
      const text = `SELECT 1 FROM ${schema}.checkpoint WHERE stream = $1 AND incarnation <> $2`;
      const { rowCount } = await run(this.db, { text, values: [stream, next] });
      if ((rowCount ?? 0) === 0) continue;
      await run(this.db, { text: `ALTER SCHEMA ${schema} RENAME TO ${lostName(was, schema.slice('rm_'.length))}` });
    }
  }

  /** The rows of a model that was set aside, and how far they were; null: there are none. The newest version counts. */
  async lostRows(fold: AnyFold, was: string): Promise<{ rows: object[]; position: number } | null> {
    const prefix = lostName(was, `${fold.table}_v`);
    const rank = (name: string): number[] => name.slice(prefix.length).split('_').map(Number);
    const byRank = (a: string, b: string): number => (rank(a)[0] ?? 0) - (rank(b)[0] ?? 0) || (rank(a)[1] ?? 0) - (rank(b)[1] ?? 0);
    const schema = (await this.schemas(prefix))
      .filter((name) => rank(name).every(Number.isInteger))
      .toSorted(byRank)
      .at(-1);
    if (schema === undefined) return null;
    const { rows } = await run(this.db, { text: `SELECT position FROM ${schema}.checkpoint WHERE fold = $1`, values: [fold.table] });
    const [checkpoint] = rows as { position: number }[];
    if (checkpoint === undefined) return null;
    return {
      rows: (await run(this.db, { text: `SELECT * FROM ${schema}.${fold.table}` })).rows as object[],
      position: checkpoint.position,
    };
  }

  /** The rows of a model as they are built now. */
  async rows(fold: AnyFold): Promise<object[]> {
    return (await run(this.db, { text: `SELECT * FROM read.${fold.table}` })).rows as object[];
  }

  async empty(table: string): Promise<number> {
    return (await run(this.db, { text: `DELETE FROM ${table}` })).rowCount ?? 0;
  }

  private async schemas(prefix: string): Promise<string[]> {
    const { rows } = await run(this.db, { text: 'SELECT nspname AS name FROM pg_namespace ORDER BY 1' });
    return (rows as { name: string }[]).map(({ name }) => name).filter((name) => name.startsWith(prefix) && /^[a-z0-9_]+$/.test(name));
  }
}

const lostName = (incarnation: string, rest: string): string => `lost_${incarnation.toLowerCase()}_${rest}`;

/** The projections that read one stream: what is built anew when it is accepted. */
export const readersOf = (folds: readonly AnyFold[], stream: 'facts' | 'calls'): AnyFold[] =>
  folds.filter((fold) => fold.kind === 'projection' && streamOf(fold) === stream);
