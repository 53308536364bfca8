import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { ClockRead } from '@app/event-store';
import type { AnyFold, Stream } from '@app/kernel';
import { type DatabaseState, databaseState } from './database-state.js';
import { run } from './pool.js';
import { streamOf } from './streams-read.js';
import { checkpointsBuilt, checkpointsOf } from './table.js';
import { databaseErrorOf, wasDatabaseFull } from './trouble.js';

/** Migrations of `private` that this release has and the database lacks, and those of a newer release. */
export interface MigrationsObservation {
  readonly pending: readonly string[];
  readonly unknown: readonly string[];
}

/** Up to where one read model or roll-up has read, and in which log. */
export interface CheckpointObservation {
  readonly name: string;
  readonly kind: AnyFold['kind'];
  readonly stream: Stream;
  readonly position: number;
  readonly incarnation: string;
}

/** Undefined table, undefined schema. */
const NOT_THERE = ['42P01', '3F000'];

/** Looks at PostgreSQL for whoever searches for a fault. Every method throws `DatabaseUnavailable` when it does not answer. */
export class DatabaseInspector {
  constructor(
    private readonly pool: pg.Pool,
    private readonly privateStore: Pick<DataSource, 'migrations'>,
    private readonly folds: readonly AnyFold[],
  ) {}

  /** Whether a statement of this process lately found the disk full. */
  get diskFull(): boolean {
    return wasDatabaseFull();
  }

  async server(): Promise<DatabaseState> {
    try {
      return await databaseState(this.pool);
    } catch (error) {
      throw databaseErrorOf(error);
    }
  }

  /** `wallMs`: the clock that its own is compared with. */
  async clock(wallMs: () => number): Promise<ClockRead> {
    await run(this.pool, { text: 'SELECT 1' }); // A connection that has to be made first is no part of the way.
    const beforeMs = wallMs();
    const { nowMs } = await this.server();
    return { beforeMs, theirMs: nowMs, afterMs: wallMs() };
  }

  async migrations(): Promise<MigrationsObservation> {
    const declared = this.privateStore.migrations.map((migration) => migration.name ?? migration.constructor.name);
    const done = ((await this.rowsOf({ text: 'SELECT name FROM private.migration' })) as { name: string }[]).map(({ name }) => name);
    return { pending: declared.filter((name) => !done.includes(name)), unknown: done.filter((name) => !declared.includes(name)) };
  }

  /** Of the version that is read; where none is, of the one that is being built. A model that was never begun has none. */
  async checkpoints(): Promise<CheckpointObservation[]> {
    const all = await Promise.all(
      this.folds.map(async (fold) => {
        const read = await this.rowsOf(checkpointsOf(fold));
        const rows = read.length > 0 || fold.kind === 'rollup' ? read : await this.rowsOf(checkpointsBuilt(fold));
        return (rows as Pick<CheckpointObservation, 'position' | 'incarnation'>[]).map(({ position, incarnation }) => ({
          ...{ name: fold.table, kind: fold.kind, stream: streamOf(fold) },
          ...{ position, incarnation },
        }));
      }),
    );
    return all.flat();
  }

  private async rowsOf(statement: { text: string; values?: string[] }): Promise<object[]> {
    try {
      return (await run(this.pool, statement)).rows as object[];
    } catch (error) {
      if (error instanceof pg.DatabaseError && NOT_THERE.includes(error.code ?? '')) return [];
      throw error;
    }
  }
}
