import type { LogGate, Places } from '@app/event-store';
import { ProblemException } from '@app/http';
import { type Instant, Position } from '@app/kernel';
import pg from 'pg';
import { run } from './pool.js';
import { type Answer, ReadModels, type Rows } from './ports.js';
import { type Progress, instantNow } from './progress.js';
import { type Model, checkpointsOf, readName } from './table.js';
import { DatabaseUnavailable } from './trouble.js';

/** So long a reader who says `after` waits for the rows. */
export const READ_WAIT_MS = 5_000;
const MAX_SNAPSHOTS = 500;
/** Undefined table: no version of the model was ever complete. */
const NO_TABLE = '42P01';
/** Undefined column, a type that does not fit, undefined operator: the rows are of another version than the query. */
const OTHER_SHAPE: ReadonlySet<string | undefined> = new Set(['42703', '42804', '42883']);

/** Asks PostgreSQL, and remembers what it answered for when it does not. */
export class PgReadModels extends ReadModels {
  private readonly snapshots = new Map<string, Answer<unknown>>();
  private readonly rows: Rows;

  constructor(
    private readonly pool: pg.Pool,
    private readonly progress: Progress,
    private readonly gate: Pick<LogGate, 'place' | 'isOurs' | 'troubles'>,
  ) {
    super();
    this.rows = { query: (text, values) => run(pool, { text, values: [...values] }) };
  }

  async answer<T>(model: Model, { after, ...asked }: { after?: string }, query: (db: Rows) => Promise<T>): Promise<Answer<T>> {
    const key = `${model.table} ${JSON.stringify(asked)}`;
    if (after !== undefined) await this.reach(model, ours(this.gate, after));
    try {
      const position = await this.position(model); // Before the rows: every event up to here is in them, and maybe more.
      const data = await query(this.rows);
      const lag_ms = this.progress.lagMs(model.table);
      const parked = this.progress.parked(model.table);
      const warnings = [...(lag_ms === null ? [SILENT] : []), ...(parked === 0 ? [] : [acceptance(model, parked)]), ...this.ofTheLog()];
      const answer = { data, as_of: instantNow(), position: position.format(), lag_ms, warnings };
      this.remember(key, answer);
      return answer;
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === NO_TABLE) throw rebuilding(await this.missing(model));
      if (error instanceof pg.DatabaseError && OTHER_SHAPE.has(error.code)) throw differing(model, error);
      if (!(error instanceof DatabaseUnavailable)) throw error;
      const snapshot = this.snapshots.get(key) as Answer<T> | undefined;
      if (snapshot === undefined || after !== undefined) throw unavailable();
      return { ...snapshot, lag_ms: null, warnings: [...snapshot.warnings, outdated(snapshot.as_of)] };
    }
  }

  private async reach(model: Model, after: Position): Promise<void> {
    if (await this.progress.reached(model.table, after, READ_WAIT_MS)) return;
    const here = await this.position(model).catch(() => undefined); // Announcements may be missed; the checkpoint is the truth.
    if (here?.atLeast(after) !== true) throw behind(model, here);
  }

  private async position(model: Model): Promise<Position> {
    const known = this.progress.position(model.table);
    if (known !== undefined) return known;
    const { rows } = await run(this.pool, checkpointsOf(model));
    return this.gate.place(
      Object.fromEntries((rows as { stream: string; position: number }[]).map(({ stream, position }) => [stream, position])),
    );
  }

  /** These rows may hold what the log lost. */
  private ofTheLog(): { code: string; detail: string }[] {
    return this.gate.troubles().map(({ code, detail }) => ({ code, detail: `${detail}: what is shown may not be in the log any more.` }));
  }

  /** What is not there: of a question that joins several models it need not be the one that it is asked of. */
  private async missing(model: Model): Promise<string[]> {
    const named = this.progress.tables.map((table) => `read.${table}`);
    const { rows } = await run(this.pool, {
      text: 'SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL',
      values: [[readName(model), ...named.filter((name) => name !== readName(model))]],
    });
    const names = (rows as { name: string }[]).map(({ name }) => name);
    return names.length === 0 ? [readName(model)] : names;
  }

  private remember(key: string, answer: Answer<unknown>): void {
    this.snapshots.delete(key);
    this.snapshots.set(key, answer);
    const [oldest] = this.snapshots.keys();
    if (this.snapshots.size > MAX_SNAPSHOTS && oldest !== undefined) this.snapshots.delete(oldest);
  }
}

/** A position that a client brings. Throws the problem `position.other-log` where it counts in another history of the log. */
export function ours(gate: Pick<Places, 'isOurs'>, token: string): Position {
  const position = Position.parse(token);
  if (!gate.isOurs(position)) throw otherLog(token);
  return position;
}

const otherLog = (position: string): ProblemException =>
  new ProblemException({
    title: 'Position of another log',
    status: 410,
    code: 'position.other-log',
    detail: `${position} is a position in a history of the log that is gone: the log was accepted as it is since.`,
    next: 'Read from the beginning, without a position, and go on from the position of that answer.',
    facts: { position },
  });

const SILENT = {
  code: 'read.projector-silent',
  detail: 'The projector of this read model was not heard lately: newer events may be missing.',
};
const acceptance = ({ table }: Model, parked: number): { code: string; detail: string } => ({
  code: 'read.parked',
  detail: `${parked === 1 ? 'One row' : `${parked} rows`} of ${table} stand still at events that cannot be used: see the parked rows of ${table}.`,
});
const outdated = (asOf: Instant): { code: string; detail: string } => ({
  code: 'read.snapshot',
  detail: `PostgreSQL does not answer: this is the answer of ${asOf}.`,
});

const behind = (model: Model, here: Position | undefined): ProblemException =>
  new ProblemException({
    title: 'Read model behind',
    status: 503,
    code: 'read.behind',
    detail: `${model.table} did not get to the position asked for within ${READ_WAIT_MS} ms.`,
    next: 'Ask again in a moment; if it stays, look at the projections under Service Health.',
    facts: { position: here?.format() ?? null },
  });

const rebuilding = (names: readonly string[]): ProblemException =>
  new ProblemException({
    title: 'Read model being built',
    status: 503,
    code: 'read.rebuilding',
    detail: `${names.map((name) => name.slice(name.indexOf('.') + 1)).join(' and ')} ${names.length === 1 ? 'is' : 'are'} being built from the log.`,
    next: 'Ask again in a moment; if it stays, look whether a projector runs.',
  });

const differing = (model: Model, { message }: pg.DatabaseError): ProblemException =>
  new ProblemException({
    title: 'Read model of another version',
    status: 503,
    code: 'read.table-differs',
    detail: `${readName(model)} does not have the shape that this release asks for: ${message}.`,
    next: 'Ask again when the projector has built it anew; if it stays, read what the projector says in its log.',
  });

const unavailable = (): ProblemException =>
  new ProblemException({
    title: 'Read models unavailable',
    status: 503,
    code: 'read.unavailable',
    detail: 'PostgreSQL does not answer, and this question was not asked before.',
    next: 'Look at Service Health, and ask again when PostgreSQL is back.',
  });
