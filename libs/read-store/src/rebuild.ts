import type pg from 'pg';
import type { EventStore } from '@app/event-store';
import type { Instant } from '@app/kernel';
import type { ModelWriter } from './model-writer.js';
import { run } from './pool.js';
import { instantNow } from './progress.js';
import { KEPT_IN, isDense } from './streams-read.js';

/** How far a rebuild is. */
export interface Building {
  readonly position: number;
  /** Where the model stood that is read, when this was last looked at. */
  readonly target: number;
}

/** How a rebuild ended. */
export interface Rebuilt {
  readonly rows: number;
  /** Rows that the model read before had otherwise, or not, or that are there no more. */
  readonly differences: number;
  readonly parked: number;
  readonly position: number;
  readonly ended_at: Instant;
}

/** A comparison of all rows takes longer than other statements. */
const COMPARE_MS = 60_000;

/**
 * Builds the next generation of a read model beside the one that is read:
 *
 *   building   folds the log from its first event; readers and writers of the current generation notice nothing
 *   swapping   it is as far as the current one, which stands still for this moment: rows are compared, the view is swapped
 *
 * A build that stops is dropped; the current generation goes on as if nothing had been.
 */
export class Rebuild {
  constructor(
    private readonly store: EventStore,
    private readonly pool: pg.Pool,
    /** Who writes what is read; the model may be opened again meanwhile. */
    private readonly current: () => ModelWriter,
    private readonly next: ModelWriter,
    private readonly signal: AbortSignal,
  ) {}

  get progress(): Building {
    return { position: this.next.position, target: this.current().position };
  }

  /** Throws what the log and PostgreSQL throw. */
  async run(exclusively: <T>(work: () => Promise<T>) => Promise<T>): Promise<Rebuilt> {
    const { table } = this.next;
    await run(this.pool, { text: `DROP SCHEMA IF EXISTS ${table.schema} CASCADE` });
    try {
      const { incarnation } = await this.next.open(this.store.gate.incarnationOf(KEPT_IN[table.stream]));
      const from = { stream: KEPT_IN[table.stream], after: 0, incarnation, dense: isDense(table.stream) };
      if (this.current().position === 0) return await exclusively(() => this.swap());
      for await (const { messages } of this.store.consume(from, this.signal)) {
        const { needs, halted } = await this.next.take(messages, () => false);
        if (needs !== null || halted) throw new Error(`the log holds an event of release ${needs?.release ?? 'unknown'}`);
        if (this.next.position < this.current().position) continue;
        const swapped = await exclusively(async () => (this.next.position >= this.current().position ? this.swap() : null));
        if (swapped !== null) return swapped;
      }
      throw new Error('the process ends');
    } catch (error) {
      await run(this.pool, { text: `DROP SCHEMA IF EXISTS ${table.schema} CASCADE` }).catch(() => undefined);
      throw error;
    }
  }

  private async swap(): Promise<Rebuilt> {
    const compared = await run(this.pool, { text: this.next.table.compare(this.current().table), query_timeout: COMPARE_MS });
    const { rows } = [compared].flat().at(-1) as pg.QueryResult; // A longer time limit is a statement before it.
    const { count, differences } = rows[0] as { count: number; differences: number };
    await this.next.activate();
    return { rows: count, differences, parked: this.next.parking.size, position: this.next.position, ended_at: instantNow() };
  }
}
