import type { AnyFold, Stream } from '@app/kernel';
import { type Column, columnSql, columnsOf } from './columns.js';
import type { Parked, Unit } from './parking.js';
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

/** See `Parked`. `skipped` counts the events of a roll-up that were left out. */
const PARKED = `(
  fold text NOT NULL, unit text NOT NULL, value text COLLATE "C" NOT NULL, stream text NOT NULL, position bigint NOT NULL,
  subject text NOT NULL, type text NOT NULL, code text NOT NULL, detail text NOT NULL, release text NOT NULL,
  skipped bigint NOT NULL, parked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (fold, unit, value))`;
const PARK_COLUMNS = ['unit', 'value', 'position', 'subject', 'type', 'code', 'detail', 'release', 'skipped'] as const;
const PARK_TYPE: Partial<Record<(typeof PARK_COLUMNS)[number], string>> = { position: 'bigint', skipped: 'bigint' };

/** Where the parked rows of a model are read, whichever version is active. */
export const parkedName = ({ kind, table }: Model): string => (kind === 'rollup' ? 'rollup.parked' : `read.${table}_parked`);

/** What a commit writes beside rows: units that stop, and units that go on. */
export interface ParkingChange {
  readonly parks: readonly Parked[];
  readonly released: readonly Unit[];
}

/**
 * The SQL of one fold: its tables, and how a batch gets into them. A projection of version N lives in `rm_<table>_v<N>`, its
 * rows beside its checkpoint, so that dropping the schema forgets both; a roll-up, which cannot be rebuilt, in `rollup`. A rebuild of
 * the same version fills the next generation, `rm_<table>_v<N>_<generation>`, beside the one that is read.
 */
export class Table {
  readonly schema: string;
  readonly columns: readonly Column[];
  readonly shape: TableShape;
  /** With its schema. */
  readonly name: string;
  private readonly checkpoint: string;
  private readonly parked: string;

  constructor(
    private readonly fold: AnyFold,
    readonly stream: Stream,
    readonly generation = 0,
  ) {
    for (const word of [fold.table, fold.id, ...(fold.indexes ?? []).flat()])
      if (!/^[a-z][a-z0-9_]{0,40}$/.test(word)) throw new Error(`not a name for a table or column: ${word}`);
    this.schema = fold.kind === 'rollup' ? 'rollup' : `rm_${fold.table}_v${fold.version}${generation === 0 ? '' : `_${generation}`}`;
    this.columns = columnsOf(fold.row);
    this.shape = shapeOf(fold);
    this.name = `${this.schema}.${fold.table}`;
    this.checkpoint = `${this.schema}.checkpoint`;
    this.parked = `${this.schema}.parked`;
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
      ${this.fold.kind === 'rollup' ? '' : this.forgetHalf}
      CREATE TABLE IF NOT EXISTS ${this.name} (${columns.join(', ')}, PRIMARY KEY ("${this.fold.id}"));
      ${this.shape.indexes.map((index) => indexSql(this.name, index)).join('\n      ')}`;
  }

  createIndexes(indexes: readonly IndexShape[]): string {
    return `SELECT pg_advisory_xact_lock(${CREATE_LOCK}); ${indexes.map((index) => indexSql(this.name, index)).join(' ')}`;
  }

  /** Rows without a checkpoint, and a checkpoint without rows, are built again from the first event. */
  private get forgetHalf(): string {
    return `DO $$ BEGIN
        IF to_regclass('${this.name}') IS NULL THEN DELETE FROM ${this.checkpoint};
        ELSIF NOT EXISTS (SELECT FROM ${this.checkpoint} WHERE fold = '${this.fold.table}') THEN DROP TABLE ${this.name} CASCADE;
        END IF;
      END $$;`;
  }

  /** Releases before this one parked nothing. */
  get createParked(): string {
    return `SELECT pg_advisory_xact_lock(${CREATE_LOCK}); CREATE TABLE IF NOT EXISTS ${this.parked} ${PARKED};`;
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
      DROP VIEW IF EXISTS read.${table}, read.${table}_checkpoint, read.${table}_parked;
      CREATE VIEW read.${table} AS SELECT * FROM ${this.name};
      CREATE VIEW read.${table}_checkpoint AS SELECT *, '${this.schema}'::text AS schema FROM ${this.checkpoint};
      CREATE VIEW read.${table}_parked AS SELECT * FROM ${this.parked};`;
  }

  /** Forgets the other generations of this version, which nobody reads any more. A roll-up has only one. */
  get dropOthers(): string {
    const { kind, table, version } = this.fold;
    if (kind === 'rollup') return '';
    return `
      DO $$ DECLARE other text; BEGIN
        FOR other IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^rm_${table}_v${version}(_[0-9]+)?$' AND nspname <> '${this.schema}'
        LOOP EXECUTE 'DROP SCHEMA ' || quote_ident(other) || ' CASCADE'; END LOOP;
      END $$;`;
  }

  /** What must be there while this generation is kept. `active`: and is read. */
  relations(active: boolean): string[] {
    const { kind, table } = this.fold;
    const views = active && kind === 'projection' ? [`read.${table}`, `read.${table}_checkpoint`, `read.${table}_parked`] : [];
    return [this.name, this.checkpoint, this.parked, ...views];
  }

  /** How many rows this generation has, and how many of them another one has otherwise, or not, or alone. */
  compare(other: Table): string {
    return `
      SELECT count(a."${this.fold.id}") AS count, count(*) FILTER (WHERE a IS DISTINCT FROM b) AS differences
        FROM ${this.name} a FULL JOIN ${other.name} b ON a."${this.fold.id}" = b."${this.fold.id}"`;
  }

  /** Every parked unit of this fold. */
  get loadParked(): { text: string; values: string[] } {
    return {
      text: `SELECT ${PARK_COLUMNS.join(', ')}, parked_at > now() - interval '10 minutes' AS recent FROM ${this.parked} WHERE fold = $1`,
      values: [this.fold.table],
    };
  }

  /** $1 incarnation. Takes the checkpoint over from whoever had it, unless it is of another version; answers what it says. */
  get claim(): string {
    return `
      INSERT INTO ${this.checkpoint} AS c (fold, version, stream, shard, position, epoch, incarnation)
      VALUES ('${this.fold.table}', ${this.fold.version}, '${this.stream}', 0, 0, 1, $1)
      ON CONFLICT (fold, stream, shard) DO UPDATE SET epoch = c.epoch + 1 WHERE c.version = EXCLUDED.version
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
    const columns = this.columns.map(({ name }) => `"${name}"`); // By name: `*` fails in a prepared statement when a column is added.
    return `SELECT ${columns.join(', ')} FROM ${this.name} WHERE "${this.fold.id}" = ANY($1::text[])`;
  }

  /**
   * $1 new position, $2 old position, $3 epoch, $4 keys of rows to remove, from $5 the columns of rows to write. One statement,
   * hence one transaction and one round trip: rows and checkpoint move together, or, when the checkpoint is not where we left
   * it, neither does. Answers how many checkpoints moved: 1, or 0 for somebody who was taken over.
   */
  get commit(): string {
    return this.statement('');
  }

  /** As `commit`; after the columns stand those of the units to park, then `unit` and `value` of the units to release. */
  get commitParking(): string {
    const from = 5 + this.columns.length;
    const arrays = PARK_COLUMNS.map((column, i) => `$${from + i}::${PARK_TYPE[column] ?? 'text'}[]`);
    const released = from + PARK_COLUMNS.length;
    const isHere = `fold = '${this.fold.table}' AND EXISTS (SELECT FROM moved)`;
    return this.statement(`,
      released AS (
        DELETE FROM ${this.parked} WHERE ${isHere} AND (unit, value) IN (SELECT * FROM unnest($${released}::text[], $${released + 1}::text[]))),
      parked AS (
        INSERT INTO ${this.parked} AS p (fold, stream, ${PARK_COLUMNS.join(', ')})
        SELECT '${this.fold.table}', '${this.stream}', new.* FROM unnest(${arrays.join(', ')}) AS new WHERE EXISTS (SELECT FROM moved)
        ON CONFLICT (fold, unit, value) DO UPDATE SET
          (position, subject, type, code, detail, release, skipped) =
          (EXCLUDED.position, EXCLUDED.subject, EXCLUDED.type, EXCLUDED.code, EXCLUDED.detail, EXCLUDED.release, p.skipped + EXCLUDED.skipped))`);
  }

  private statement(more: string): string {
    return `
      WITH moved AS (
        UPDATE ${this.checkpoint} SET position = $1
         WHERE fold = '${this.fold.table}' AND stream = '${this.stream}' AND shard = 0 AND position = $2 AND epoch = $3
        RETURNING 1),
      removed AS (
        DELETE FROM ${this.name} WHERE "${this.fold.id}" = ANY($4::text[]) AND EXISTS (SELECT FROM moved)),
      written AS (${this.write(5, ' WHERE EXISTS (SELECT FROM moved)')})${more}
      SELECT count(*) AS moved FROM moved`;
  }

  /** From $1 the columns of rows. Writes them and nothing else: whether PostgreSQL takes them is asked in a transaction that is rolled back. */
  get probe(): string {
    return this.write(1, '');
  }

  private write(from: number, where: string): string {
    const names = this.columns.map(({ name }) => `"${name}"`);
    const arrays = this.columns.map(({ type }, i) => `$${from + i}::${type}[]`);
    const updates = names.filter((name) => name !== `"${this.fold.id}"`).map((name) => `${name} = EXCLUDED.${name}`);
    return `
        INSERT INTO ${this.name} (${names.join(', ')})
        SELECT * FROM unnest(${arrays.join(', ')})${where}
        ON CONFLICT ("${this.fold.id}") DO ${updates.length > 0 ? `UPDATE SET ${updates.join(', ')}` : 'NOTHING'}`;
  }

  /** The values of `commitParking` after those of the rows. */
  parkingValues({ parks, released }: ParkingChange): unknown[][] {
    return [
      ...PARK_COLUMNS.map((column) => parks.map((parked) => parked[column])),
      released.map(({ unit }) => unit),
      released.map(({ value }) => value),
    ];
  }

  /** The values of `commit` from $5 on: a column each. */
  values(rows: readonly Record<string, unknown>[]): unknown[][] {
    return this.columns.map(({ name, type }) => rows.map((row) => (type === 'jsonb' ? JSON.stringify(row[name]) : row[name])));
  }
}
