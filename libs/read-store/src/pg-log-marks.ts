import pg from 'pg';
import {
  CALLS,
  FACTS,
  KEPT_STREAMS,
  type KeptStream,
  LogMarks,
  type LogRecord,
  type Mark,
  MarksUnavailable,
  type StreamMark,
  TELEMETRY,
} from '@app/event-store';
import type { Instant, Stream } from '@app/kernel';
import { run } from './pool.js';
import { DatabaseUnavailable } from './trouble.js';

/** Undefined table: the set-up that makes it has not run here yet. */
const NO_TABLE = '42P01';
const READ_AS: Readonly<Record<KeptStream, Stream>> = { [FACTS]: 'facts', [CALLS]: 'calls', [TELEMETRY]: 'telemetry' };

interface Row {
  readonly stream: KeptStream;
  readonly instance_id: string;
  readonly incarnation: string;
  readonly begins_after: number;
  readonly mark_sequence: number;
  readonly mark_stored_at: string | null;
  readonly mark_message: string | null;
  readonly state: StreamMark['state'];
  readonly trouble_code: string | null;
  readonly trouble_detail: string | null;
  readonly trouble_end: number | null;
  readonly next_incarnation: string | null;
  readonly accepted_at: Instant | null;
  readonly restored_at?: Instant | null;
}

/** Identity and marks of the log, in `private.log_identity`. */
export class PgLogMarks extends LogMarks {
  constructor(private readonly db: pg.Pool | pg.ClientBase) {
    super();
  }

  async read(): Promise<LogRecord | null> {
    const rows = await this.rowsOf('SELECT * FROM private.log_identity', []);
    const [first] = rows;
    if (first === undefined) return null;
    const of = (stream: KeptStream): StreamMark => {
      const row = rows.find((one) => one.stream === stream);
      if (row === undefined) throw new Error(`private.log_identity lacks ${stream}: restore the schema private, or run the accept`);
      return markOf(row);
    };
    return { instance_id: first.instance_id, streams: { FACTS: of(FACTS), CALLS: of(CALLS), TELEMETRY: of(TELEMETRY) } };
  }

  async create({ instance_id, streams }: LogRecord): Promise<void> {
    const all = KEPT_STREAMS.map((stream) => streams[stream]);
    const columns: readonly unknown[][] = [
      all.map(({ stream }) => stream),
      all.map(({ incarnation }) => incarnation),
      all.map(({ mark }) => mark.sequence),
      all.map(({ mark }) => mark.stored_at),
      all.map(({ mark }) => mark.message),
    ];
    const text = `
      INSERT INTO private.log_identity (instance_id, stream, incarnation, mark_sequence, mark_stored_at, mark_message)
      SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])
      ON CONFLICT (stream) DO NOTHING`;
    await this.write(text, [instance_id, ...columns]);
  }

  async raise(stream: KeptStream, incarnation: string, { sequence, stored_at, message }: Mark): Promise<void> {
    const text = `
      UPDATE private.log_identity SET mark_sequence = $3, mark_stored_at = $4, mark_message = $5
       WHERE stream = $1 AND incarnation = $2 AND state = 'open' AND mark_sequence < $3`;
    await this.write(text, [stream, incarnation, sequence, stored_at, message]);
  }

  async settle(stream: KeptStream, incarnation: string, trouble: StreamMark['trouble']): Promise<void> {
    const text = `
      UPDATE private.log_identity SET state = $3, trouble_code = $4, trouble_detail = $5, trouble_end = $6
       WHERE stream = $1 AND incarnation = $2 AND state IN ('open', 'rewound')`;
    const why = [trouble?.code ?? null, trouble?.detail ?? null, trouble?.end ?? null];
    await this.write(text, [stream, incarnation, trouble === null ? 'open' : 'rewound', ...why]);
  }

  async resume(
    stream: KeptStream,
    from: string,
    { incarnation, begins_after }: Pick<StreamMark, 'incarnation' | 'begins_after'>,
  ): Promise<void> {
    const text = `
      UPDATE private.log_identity
         SET incarnation = $3, begins_after = $4, mark_sequence = $4, mark_stored_at = NULL, mark_message = NULL,
             state = 'open', trouble_code = NULL, trouble_detail = NULL, trouble_end = NULL
       WHERE stream = $1 AND incarnation = $2`;
    await this.write(text, [stream, from, incarnation, begins_after]);
  }

  /**
   * Closes FACTS and CALLS until they are accepted: a restored log and restored marks agree with each other, whatever was lost. TELEMETRY
   * goes on, since nothing is decided on it.
   */
  async restored(at: Instant): Promise<void> {
    await this.write('UPDATE private.log_identity SET restored_at = $1 WHERE stream = ANY($2)', [at, [FACTS, CALLS]]);
  }

  /** Of all versions of all read models, and of the roll-ups. */
  async highestRead(stream: KeptStream): Promise<number> {
    const named =
      "SELECT table_schema AS name FROM information_schema.tables WHERE table_name = 'checkpoint' AND table_schema ~ '^(rm_.*|rollup)$'";
    const schemas = (await this.query(named, [])) as { name: string }[];
    if (schemas.length === 0) return 0;
    const each = schemas.map(({ name }) => `SELECT position FROM ${pg.escapeIdentifier(name)}.checkpoint WHERE stream = $1`);
    const [row] = (await this.query(`SELECT max(position) AS highest FROM (${each.join(' UNION ALL ')}) AS all_of_them`, [
      READ_AS[stream],
    ])) as { highest: number | null }[];
    return row?.highest ?? 0;
  }

  private async rowsOf(text: string, values: readonly unknown[]): Promise<Row[]> {
    try {
      return (await this.query(text, values)) as Row[];
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === NO_TABLE) return [];
      throw error;
    }
  }

  private async write(text: string, values: readonly unknown[]): Promise<void> {
    await this.query(text, values);
  }

  private async query(text: string, values: readonly unknown[]): Promise<unknown[]> {
    try {
      return (await run(this.db, { text, values: [...values] })).rows as unknown[];
    } catch (error) {
      throw error instanceof DatabaseUnavailable ? new MarksUnavailable(error.message, { cause: error }) : error;
    }
  }
}

function markOf(row: Row): StreamMark {
  const { stream, incarnation, begins_after, state, next_incarnation, accepted_at, restored_at = null } = row;
  const mark = { sequence: row.mark_sequence, stored_at: row.mark_stored_at, message: row.mark_message };
  const trouble =
    row.trouble_code === null ? null : { code: row.trouble_code, detail: row.trouble_detail ?? '', end: row.trouble_end ?? 0 };
  return { stream, incarnation, begins_after, mark, state, trouble, next_incarnation, accepted_at, restored_at };
}
