import pg from 'pg';
import { databaseErrorOf } from './trouble.js';

/** bigint comes back as a number: positions and counts stay below 2^53. */
const BIGINT = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === BIGINT
      ? Number
      : format === 'binary'
        ? pg.types.getTypeParser(oid, 'binary')
        : pg.types.getTypeParser(oid, 'text')) as typeof pg.types.getTypeParser,
};

const CONNECT_MS = 2_000;
const STATEMENT_MS = 5_000;

/** Connections that give up rather than hang: no statement of ours takes seconds. What is given up here, the server cancels. */
export function poolOf(url: string, options: { name: string; max: number; statementMs?: number }): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.name,
    max: options.max,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: options.statementMs ?? STATEMENT_MS,
    statement_timeout: options.statementMs ?? STATEMENT_MS,
    keepAlive: true,
    types,
  });
  pool.on('error', () => undefined); // An idle connection broke; the next query opens another, or says why not.
  return pool;
}

/** `query_timeout`, milliseconds: where one without values needs longer than others. */
type Statement = pg.QueryConfig & { readonly query_timeout?: number };

/** Runs one statement. Throws `DatabaseUnavailable`, or what `pg` throws for a mistake in the statement or its values. */
export async function run(db: pg.Pool | pg.ClientBase, statement: Statement): Promise<pg.QueryResult> {
  try {
    return await db.query(longer(statement));
  } catch (error) {
    throw databaseErrorOf(error);
  }
}

/** The server too has to give it longer. In a simple query this counts for what stands behind it, and no further. */
const longer = ({ query_timeout, ...statement }: Statement): Statement =>
  query_timeout === undefined
    ? statement
    : { ...statement, query_timeout, text: `SET LOCAL statement_timeout = ${query_timeout}; ${statement.text}` };
