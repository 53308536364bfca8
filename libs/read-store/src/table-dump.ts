import pg from 'pg';

/** Rows of one round trip. */
const PAGE = 1_000;
const CONNECT_MS = 10_000;

/** A table as the catalog of PostgreSQL describes it: enough to make it again. */
export interface TableDescription {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnDescription[];
  /** Primary key, unique and check constraints, as SQL. */
  readonly constraints: readonly { readonly name: string; readonly definition: string }[];
  /** `CREATE INDEX` of each index that no constraint makes. */
  readonly indexes: readonly string[];
}

export interface ColumnDescription {
  readonly name: string;
  readonly type: string;
  /** null: the default of the type. */
  readonly collation: string | null;
  readonly nullable: boolean;
  /** An SQL expression; null: none. */
  readonly default: string | null;
}

/** The text forms that both ends agree on, whatever server and role are set to. */
export const TEXT_FORMS = `SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL IntervalStyle = 'postgres';
  SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1`;

export const nameOf = ({ schema, name }: Pick<TableDescription, 'schema' | 'name'>): string =>
  `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;

/**
 * Tables at one instant, read in one transaction that no writer waits for. A row is one line: a JSON array with the text form of each
 * column in the order of the description, null for NULL. Text forms lose nothing, where the JSON form of a row takes the jsonb `null` and NULL
 * for the same.
 */
export class TableDump {
  private constructor(private readonly client: pg.Client) {}

  static async open(url: string): Promise<TableDump> {
    const client = new pg.Client({ connectionString: url, application_name: 'clawbutler backup', connectionTimeoutMillis: CONNECT_MS });
    client.on('error', () => undefined); // The statement under way rejects as well.
    await client.connect();
    await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${TEXT_FORMS}; SET LOCAL statement_timeout = 0`);
    return new TableDump(client);
  }

  /** Every table of these schemas, in the order of their names. */
  async tables(schemas: readonly string[]): Promise<TableDescription[]> {
    return (await this.client.query<TableDescription>(DESCRIBE, [schemas])).rows;
  }

  /** Runs one statement in the same transaction. */
  async query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
    return (await this.client.query<Row>(text)).rows;
  }

  /** The lines of a table, without line ends, a page at a time. */
  async *lines(table: TableDescription): AsyncGenerator<string[], void, void> {
    const columns = table.columns.map(({ name }) => `${pg.escapeIdentifier(name)}::text`);
    await this.client.query(
      `DECLARE dumped NO SCROLL CURSOR FOR SELECT to_json(ARRAY[${columns.join(', ')}]::text[])::text AS line FROM ${nameOf(table)}`,
    );
    for (;;) {
      const { rows } = await this.client.query<{ line: string }>(`FETCH ${PAGE} FROM dumped`);
      if (rows.length > 0) yield rows.map(({ line }) => line);
      if (rows.length < PAGE) break;
    }
    await this.client.query('CLOSE dumped');
  }

  close(): Promise<void> {
    return this.client.end();
  }
}

const COLUMNS = `
  SELECT json_agg(json_build_object(
           'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
           'collation', CASE WHEN a.attcollation <> t.typcollation THEN l.collname END,
           'default', pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`;
const CONSTRAINTS = `
  SELECT json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid)) ORDER BY k.conname)
    FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c')`;
const INDEXES = `
  SELECT json_agg(pg_get_indexdef(i.indexrelid) ORDER BY i.indexrelid::regclass::text)
    FROM pg_index i WHERE i.indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)`;
const DESCRIBE = `
  SELECT n.nspname AS schema, c.relname AS name, coalesce((${COLUMNS}), '[]') AS columns,
         coalesce((${CONSTRAINTS}), '[]') AS constraints, coalesce((${INDEXES}), '[]') AS indexes
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p')
   ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`;
