import type { AnyFold, Stream } from '@app/kernel';
import { type Column, columnSql, columnsOf } from './columns.js';
import { type IndexShape, type TableShape, shapeOf } from './table-shape.js';
import { CREATE_LOCK, indexSql, migrationOf } from './table-migration.js';

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

/** The same of one version that is being built and not read yet. */
export const checkpointsBuilt = ({ table, version }: Pick<AnyFold, 'table' | 'version'>): { text: string; values: string[] } => ({
  text: `SELECT stream, position FROM rm_${table}_v${version}.checkpoint WHERE fold = $1`,
  values: [table],
});

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
  readonly shape: TableShape;
  /** With its schema. */
  readonly name: string;
  private readonly checkpoint: string;

  constructor(
    private readonly fold: AnyFold,
    readonly stream: Stream,
  ) {
    for (const word of [fold.table, fold.id, ...(fold.indexes ?? []).flat()])
      if (!/^[a-z][a-z0-9_]{0,40}$/.test(word)) throw new Error(`not a name for a table or column: ${word}`);
    this.schema = fold.kind === 'rollup' ? 'rollup' : `rm_${fold.table}_v${fold.version}`;
    this.columns = columnsOf(fold.row);
    this.shape = shapeOf(fold);
    this.name = `${this.schema}.${fold.table}`;
    this.checkpoint = `${this.schema}.checkpoint`;
  }

  get kind(): AnyFold['kind'] {
    return this.fold.kind;
  }

  get table(): string {
    return this.fold.table;
  }

  get version(): number {
    return this.fold.version;
  }

  /** Makes what is missing, one fold at a time: `IF NOT EXISTS` alone fails when two look at once. Run as one simple query. */
  get create(): string {
    const columns = this.columns.map(columnSql);
    return `
      SELECT pg_advisory_xact_lock(${CREATE_LOCK});
      CREATE SCHEMA IF NOT EXISTS ${this.schema};
      CREATE TABLE IF NOT EXISTS ${this.checkpoint} ${CHECKPOINT};
      ${this.fold.kind === 'rollup' ? '' : this.forgetCheckpoint}
      CREATE TABLE IF NOT EXISTS ${this.name} (${columns.join(', ')}, PRIMARY KEY ("${this.fold.id}"));
      ${this.shape.indexes.map((index) => indexSql(this.name, index)).join('\n      ')}`;
  }

  createIndexes(indexes: readonly IndexShape[]): string {
    return `SELECT pg_advisory_xact_lock(${CREATE_LOCK}); ${indexes.map((index) => indexSql(this.name, index)).join(' ')}`;
  }

  /** Rows that were dropped alone are built again from the first event, and not from where their checkpoint was. */
  private get forgetCheckpoint(): string {
    return `DO $$ BEGIN IF to_regclass('${this.name}') IS NULL THEN DELETE FROM ${this.checkpoint}; END IF; END $$;`;
  }

  /** The version that the checkpoint names. */
  get versionKept(): string {
    return `SELECT version FROM ${this.checkpoint} WHERE fold = '${this.fold.table}' AND stream = '${this.stream}' AND shard = 0`;
  }

  /** From version `from`, with these indexes, to this one; a number: the version to which no migration is declared. */
  migration(from: number, indexes: readonly IndexShape[]): string | number {
    return migrationOf(this.fold, this, { from, indexes });
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

  /** $1 incarnation. Takes the checkpoint over from whoever had it, unless it is of another version; answers what it says. */
  get claim(): string {
    return `
      INSERT INTO ${this.checkpoint} AS c (fold, version, stream, shard, position, epoch, incarnation)
      VALUES ('${this.fold.table}', ${this.fold.version}, '${this.stream}', 0, 0, 1, $1)
      ON CONFLICT (fold, stream, shard) DO UPDATE SET epoch = c.epoch + 1 WHERE c.version = EXCLUDED.version
      RETURNING version, position, epoch, incarnation`;
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
    const columns = this.columns.map(({ name }) => `"${name}"`); // By name: `*` fails in a prepared statement when a column is added.
    return `SELECT ${columns.join(', ')} FROM ${this.name} WHERE "${this.fold.id}" = ANY($1::text[])`;
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
