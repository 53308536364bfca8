import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import type { NatsAccess } from '../../libs/runtime/src/contract.js';
import { eventually } from '../../libs/runtime/src/wait.js';
import { TABLES } from './checker.js';
import type { Dumped, Rows } from './history.js';

const STREAM = 'FACTS';

/** What was broken a moment ago may be started once more by its supervisor: after a full disk, for one. */
const PATIENCE_MS = 60_000;

/** Asks again until there is an answer. Throws what the last attempt threw. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  let last: unknown;
  let answer: { readonly is: T } | undefined;
  await eventually(async () => {
    answer = await ask().then(
      (is) => ({ is }),
      (error: unknown) => void (last = error),
    );
    return answer !== undefined;
  }, PATIENCE_MS);
  if (answer === undefined) throw last instanceof Error ? last : new Error(String(last));
  return answer.is;
}

/** Where the log ends, as the leader has it. */
export async function endOf(access: NatsAccess): Promise<number> {
  const nc = await connect({ ...access });
  try {
    return (await (await jetstreamManager(nc)).streams.info(STREAM)).state.last_seq;
  } finally {
    await nc.close();
  }
}

/** Every fact, past our own code, by the bare client. */
export async function dumpLog(access: NatsAccess): Promise<Dumped[]> {
  const nc = await connect({ ...access });
  try {
    const { state } = await (await jetstreamManager(nc)).streams.info(STREAM);
    const log: Dumped[] = [];
    if (state.last_seq === 0) return log;
    const messages = await (await jetstream(nc).consumers.get(STREAM)).consume({ max_messages: 1_000 });
    for await (const message of messages) {
      const expected = message.headers?.get('Nats-Expected-Last-Subject-Sequence') ?? '';
      log.push({
        position: message.seq,
        subject: message.subject,
        event_id: message.headers?.get('ce-id') ?? '',
        expected: expected === '' ? null : Number(expected),
        data: message.json<Dumped['data']>(),
      });
      if (message.seq >= state.last_seq) break;
    }
    return log;
  } finally {
    await nc.close();
  }
}

/** Every row and checkpoint, by plain SQL. Throws what `pg` throws: a table that is not there, for one. */
export async function dumpRows(databaseUrl: string): Promise<Rows> {
  const client = new pg.Client({ connectionString: databaseUrl, types: { getTypeParser } });
  await client.connect();
  try {
    const all = async <Row>(text: string): Promise<Row[]> => (await client.query(text)).rows as Row[];
    const ofEach = async <Row>(textOf: (table: string) => string): Promise<Row[]> =>
      (await Promise.all(TABLES.map((table) => all<Row>(textOf(table))))).flat();
    return {
      accounts: await all('SELECT account_id, balance, entries, chain FROM read.chaos_account'),
      commands: await all('SELECT command_id, facts, total FROM read.chaos_command'),
      checkpoints: await ofEach((table) => `SELECT '${table}' AS table, position FROM read.${table}_checkpoint`),
      parked: await ofEach((table) => `SELECT '${table}' AS table, unit || ' ' || value AS unit, code FROM read.${table}_parked`),
    };
  } finally {
    await client.end();
  }
}

/** Where every read model is; none of one that cannot be read. */
export async function checkpoints(databaseUrl: string): Promise<number[]> {
  return (await dumpRows(databaseUrl).catch(() => undefined))?.checkpoints.map(({ position }) => position) ?? [];
}

/** `bigint` as a number: nothing here is above 2^53. */
const INT8 = 20;
const getTypeParser = ((oid: number, format: 'text') =>
  oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;
