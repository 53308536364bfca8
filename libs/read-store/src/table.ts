import type { AnyFold, Stream } from '@app/kernel';
import { type Column, columnsOf } from './columns.js';

/** A model of which a query needs no more than where it is. */
export type Model = Pick<AnyFold, 'table' | 'kind'>;

/** Where a query finds it, whichever version is active. */
export const readName = ({ kind, table }: Model): string => (kind === 'rollup' ? `rollup.${table}` : `read.${table}`);
const checkpointName = ({ kind, table }: Model): string => (kind === 'rollup' ? 'rollup.checkpoint' : `read.${table}_checkpoint`);

/** The position, bigint, and stream of each checkpoint of a model. */
export const checkpointsOf = (model: Model): { text: string; values: string[] } => ({
  text: `SELECT stream, position FROM ${checkpointName(model)} WHERE fold = $1`,
  values: [model.table],
});

/** Any number that no other program uses as its lock in this database. */
const CREATE_LOCK = 4_600_002;

const CHECKPOINT = `(
  fold text NOT NULL, version int NOT NULL, stream text NOT NULL, shard int NOT NULL,
  position bigint NOT NULL, epoch bigint NOT NULL, incarnation text NOT NULL,
  PRIMARY KEY (fold, stream, shard))`;

/**
 * The SQL of one fold: its tables, and how a batch gets into them. A projection of version N lives in `rm_<table>_v<N>`, its
 * rows beside its checkpoint, so that dropping the schema forgets both; a roll-up, which cannot be rebuilt, in `rollup`.
 */
export class Table {
  readonly schema: string;
  readonly columns: readonly Column[];
  private readonly name: string;
  private readonly checkpoint: string;

  constructor(
    private readonly fold: AnyFold,
    readonly stream: Stream,
  ) {
    for (const word of [fold.table, fold.id, ...(fold.indexes ?? []).flat()])
      if (!/^[a-z][a-z0-9_]{0,40}$/.test(word)) throw new Error(`not a name for a table or column: ${word}`);
    this.schema = fold.kind === 'rollup' ? 'rollup' : `rm_${fold.table}_v${fold.version}`;
    this.columns = columnsOf(fold.row);
    this.name = `${this.schema}.${fold.table}`;
    this.checkpoint = `${this.schema}.checkpoint`;
  }

  /** Makes what is missing, one fold at a time: `IF NOT EXISTS` alone fails when two look at once. Run as one simple query. */
  get create(): string {
    const columns = this.columns.map(
      ({ name, type, nullable }) => `"${name}" ${type}${type === 'text' ? ' COLLATE "C"' : ''}${nullable ? '' : ' NOT NULL'}`,
    );
    return `
      SELECT pg_advisory_xact_lock(${CREATE_LOCK});
      CREATE SCHEMA IF NOT EXISTS ${this.schema};
      CREATE TABLE IF NOT EXISTS ${this.checkpoint} ${CHECKPOINT};
      CREATE TABLE IF NOT EXISTS ${this.name} (${columns.join(', ')}, PRIMARY KEY ("${this.fold.id}"));
      ${(this.fold.indexes ?? []).map((index, i) => this.createIndex(index, i + 1)).join('\n      ')}
      ${this.fold.keep === undefined ? '' : this.createIndex([this.fold.keep.by], 'kept')}`;
  }

  private createIndex(index: readonly string[], suffix: number | string): string {
    const columns = index.map((column) => `"${column}"`).join(', ');
    return `CREATE INDEX IF NOT EXISTS ${this.fold.table}_${suffix} ON ${this.name} (${columns});`;
  }

  /**
   * Makes this version the one that is read, in one simple query and hence one transaction; raises where a higher one is, which a
   * process of an older release must not replace. A roll-up has only one.
   */
  get activate(): string {
    const { kind, table, version } = this.fold;
    if (kind === 'rollup') return '';
    return `
      SELECT pg_advisory_xact_lock(${CREATE_LOCK});
      DO $$ DECLARE active int; BEGIN
        IF to_regclass('read.${table}_checkpoint') IS NULL THEN RETURN; END IF;
        SELECT max(version) INTO active FROM read.${table}_checkpoint;
        IF active > ${version} THEN
          RAISE '${table} is read in version %, of a newer release, and this process has ${version}; to go back, drop rm_${table}_v%',
            active, active;
        END IF;
      END $$;
      DROP VIEW IF EXISTS read.${table}, read.${table}_checkpoint;
      CREATE VIEW read.${table} AS SELECT * FROM ${this.name};
      CREATE VIEW read.${table}_checkpoint AS SELECT * FROM ${this.checkpoint};`;
  }

  /** $1 incarnation. Takes the checkpoint over from whoever had it; answers what it says. */
  get claim(): string {
    return `
      INSERT INTO ${this.checkpoint} AS c (fold, version, stream, shard, position, epoch, incarnation)
      VALUES ('${this.fold.table}', ${this.fold.version}, '${this.stream}', 0, 0, 1, $1)
      ON CONFLICT (fold, stream, shard) DO UPDATE SET epoch = c.epoch + 1
      RETURNING version, position, epoch, incarnation`;
  }

  /** $1 a position, $2 epoch, $3 incarnation. Moves the checkpoint into another history of the stream. */
  get resume(): string {
    return `
      UPDATE ${this.checkpoint} SET position = $1, incarnation = $3
       WHERE fold = '${this.fold.table}' AND stream = '${this.stream}' AND shard = 0 AND epoch = $2`;
  }

  /** $1 an instant, $2 a number of rows. Forgets so many of those that are older, where the fold says by which column. */
  get forget(): string | undefined {
    const { keep } = this.fold;
    if (keep === undefined) return undefined;
    const oldest = `SELECT ctid FROM ${this.name} WHERE "${keep.by}" < $1 ORDER BY "${keep.by}" LIMIT $2`;
    return `DELETE FROM ${this.name} WHERE ctid = ANY (ARRAY (${oldest}))`;
  }

  /** $1 the keys. */
  get load(): string {
    return `SELECT * FROM ${this.name} WHERE "${this.fold.id}" = ANY($1::text[])`;
  }

  /**
   * $1 new position, $2 old position, $3 epoch, $4 keys of rows to remove, from $5 the columns of rows to write. One statement,
   * hence one transaction and one round trip: rows and checkpoint move together, or, when the checkpoint is not where we left
   * it, neither does. Answers how many checkpoints moved: 1, or 0 for somebody who was taken over.
   */
  get commit(): string {
    const names = this.columns.map(({ name }) => `"${name}"`);
    const arrays = this.columns.map(({ type }, i) => `$${i + 5}::${type}[]`);
    const updates = names.filter((name) => name !== `"${this.fold.id}"`).map((name) => `${name} = EXCLUDED.${name}`);
    return `
      WITH moved AS (
        UPDATE ${this.checkpoint} SET position = $1
         WHERE fold = '${this.fold.table}' AND stream = '${this.stream}' AND shard = 0 AND position = $2 AND epoch = $3
        RETURNING 1),
      removed AS (
        DELETE FROM ${this.name} WHERE "${this.fold.id}" = ANY($4::text[]) AND EXISTS (SELECT FROM moved)),
      written AS (
        INSERT INTO ${this.name} (${names.join(', ')})
        SELECT * FROM unnest(${arrays.join(', ')}) WHERE EXISTS (SELECT FROM moved)
        ON CONFLICT ("${this.fold.id}") DO ${updates.length > 0 ? `UPDATE SET ${updates.join(', ')}` : 'NOTHING'})
      SELECT count(*) AS moved FROM moved`;
  }

  /** The values of `commit` from $5 on: a column each. */
  values(rows: readonly Record<string, unknown>[]): unknown[][] {
    return this.columns.map(({ name, type }) => rows.map((row) => (type === 'jsonb' ? JSON.stringify(row[name]) : row[name])));
  }
}
