import pg from 'pg';
import { type EventStore, Unanswered } from '@app/event-store';
import type { AnyFold, Instant, Stream } from '@app/kernel';
import { type Lag, projectionLag } from './lag.js';
import type { Parked, Unit } from './parking.js';
import { run } from './pool.js';
import { PROJECTION_REQUEST, type ProjectionAnswered, type ProjectionAsked } from './projection-control.js';
import type { ProjectorReport, ProjectorState } from './projector-report.js';
import { streamOf } from './streams-read.js';
import { parkedName } from './table.js';

/** One read model or roll-up, as seen from outside: by the log, by its checkpoint, and by what its projector says of itself. */
export interface ProjectionObservation extends Pick<Lag, 'lag_events' | 'lag_seconds' | 'stalled_seconds' | 'parked'> {
  readonly name: string;
  readonly kind: AnyFold['kind'];
  readonly version: number;
  readonly stream: Stream;
  /** null: nobody keeps it. */
  readonly state: ProjectorState | null;
  readonly position: number;
  readonly error: string | null;
  readonly needs_release: string | null;
  readonly building: ProjectorReport['building'];
  readonly rebuilt: ProjectorReport['rebuilt'];
}

export interface ParkedObservation extends Omit<Parked, 'release'> {
  readonly stream: Stream;
  readonly release: string;
  readonly parked_at: Instant;
}

/** What a projector would not do, or could not. */
export class ProjectionRefused extends Error {
  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

const REPORT_MS = 1_000;
/** A retry folds rows from the first event of the log. */
const RETRY_MS = 60_000;
/** Undefined table: this model was never built, or by a release that parked nothing. */
const NO_TABLE = '42P01';

/** The read models of an instance, for those who operate it. Works beside whatever stands still. */
export class Projections {
  private readonly lag: () => Promise<Lag[]>;

  constructor(
    private readonly folds: readonly AnyFold[],
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
  ) {
    this.lag = projectionLag(pool, store, folds);
  }

  has(name: string): boolean {
    return this.folds.some(({ table }) => table === name);
  }

  /** In the order in which contexts declare them. Throws `DatabaseUnavailable`, and what the client throws when the log does not answer. */
  async list(): Promise<ProjectionObservation[]> {
    const [lags, reports] = await Promise.all([this.lag(), Promise.all(this.folds.map(({ table }) => this.report(table)))]);
    return this.folds.map((fold, i) => seenOf(fold, lags[i] as Lag, reports[i] ?? null));
  }

  /** The oldest `limit` parked units of one model. Throws `DatabaseUnavailable`. */
  async parked(name: string, limit: number): Promise<ParkedObservation[]> {
    const fold = this.foldOf(name);
    try {
      const { rows } = await run(this.pool, {
        text: `
          SELECT unit, value, stream, position, subject, type, code, detail, release, skipped,
                 to_char(parked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS parked_at
            FROM ${parkedName(fold)} WHERE fold = $1 ORDER BY parked_at, position LIMIT $2`,
        values: [name, limit],
      });
      return rows as ParkedObservation[];
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === NO_TABLE) return [];
      throw error;
    }
  }

  /** Folds parked rows again: one unit, or all. Answers how many go on, and how many stand still. Throws `ProjectionRefused`. */
  async retry(name: string, unit?: Unit): Promise<{ released: number; parked: number }> {
    const { table } = this.foldOf(name);
    await this.ask({ what: 'report', table }, REPORT_MS); // Where nobody keeps it, that is said soon.
    const { released, parked } = await this.ask({ what: 'retry', table, ...unit }, RETRY_MS);
    return { released, parked };
  }

  /** Begins to build a read model anew beside the one that is read. Throws `ProjectionRefused`. */
  async rebuild(name: string): Promise<void> {
    await this.ask({ what: 'rebuild', table: this.foldOf(name).table }, REPORT_MS);
  }

  private async report(table: string): Promise<ProjectorReport | null> {
    try {
      return (await this.ask({ what: 'report', table }, REPORT_MS)).report;
    } catch (error) {
      if (error instanceof ProjectionRefused) return null;
      throw error;
    }
  }

  private async ask(asked: ProjectionAsked, timeoutMs: number): Promise<Exclude<ProjectionAnswered, { code: string }>> {
    try {
      const answer = await this.store.rpc.ask<ProjectionAnswered>(PROJECTION_REQUEST, asked, timeoutMs);
      if ('code' in answer) throw new ProjectionRefused(answer.code, answer.detail);
      return answer;
    } catch (error) {
      if (error instanceof Unanswered) throw new ProjectionRefused('read-store.not-kept', `No projector keeps ${asked.table} just now.`);
      throw error;
    }
  }

  private foldOf(name: string): AnyFold {
    const fold = this.folds.find(({ table }) => table === name);
    if (fold === undefined) throw new RangeError(`no read model ${name}`);
    return fold;
  }
}

const seenOf = (fold: AnyFold, lag: Lag, report: ProjectorReport | null): ProjectionObservation => ({
  name: fold.table,
  kind: fold.kind,
  version: fold.version,
  stream: streamOf(fold),
  state: report?.state ?? null,
  position: report?.position ?? lag.position,
  lag_events: lag.lag_events,
  lag_seconds: lag.lag_seconds,
  stalled_seconds: lag.stalled_seconds,
  parked: lag.parked,
  error: report?.error ?? null,
  needs_release: report?.needs_release ?? null,
  building: report?.building ?? null,
  rebuilt: report?.rebuilt ?? null,
});
