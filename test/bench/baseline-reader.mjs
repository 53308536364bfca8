// A bare consumer and a bare statement: the rows that our projector makes, by the same SQL and with its limits. It knows what its
// stream holds, so it looks at the data of a message and at none of its headers.
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { STREAM } from './baseline-appends.mjs';

/** Of a batch. Ours ends at 4 MiB, too, which so many events of 250 bytes never reach. */
const MAX_MESSAGES = 5_000;
const IDLE_MS = 3;

const create = (table) => `
  CREATE SCHEMA baseline_${table};
  CREATE TABLE baseline_${table}.checkpoint (
    fold text NOT NULL, version int NOT NULL, stream text NOT NULL, shard int NOT NULL,
    position bigint NOT NULL, epoch bigint NOT NULL, incarnation text NOT NULL,
    PRIMARY KEY (fold, stream, shard));
  CREATE TABLE baseline_${table}.${table} (
    "item_id" text COLLATE "C" NOT NULL, "total" bigint NOT NULL, "times" bigint NOT NULL, "note" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("item_id"));
  INSERT INTO baseline_${table}.checkpoint VALUES ('${table}', 1, 'facts', 0, 0, 1, 'none')`;

/** As `Table` in libs/read-store has it. */
const commit = (table) => `
  WITH moved AS (
    UPDATE baseline_${table}.checkpoint SET position = $1
     WHERE fold = '${table}' AND stream = 'facts' AND shard = 0 AND position = $2 AND epoch = $3
    RETURNING 1),
  removed AS (
    DELETE FROM baseline_${table}.${table} WHERE "item_id" = ANY($4::text[]) AND EXISTS (SELECT FROM moved)),
  written AS (
    INSERT INTO baseline_${table}.${table} ("item_id", "total", "times", "note")
    SELECT * FROM unnest($5::text[], $6::bigint[], $7::bigint[], $8::text[]) WHERE EXISTS (SELECT FROM moved)
    ON CONFLICT ("item_id") DO UPDATE SET "total" = EXCLUDED."total", "times" = EXCLUDED."times", "note" = EXCLUDED."note")
  SELECT count(*) AS moved FROM moved`;

/** `onCommit(position)` is called when the rows up to there can be read. */
export async function openReader({ nats, databaseUrl }, table, onCommit) {
  const nc = await connect(nats.app);
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined); // the server stops before we do when a run is cut short
  await client.connect();
  await client.query(create(table));
  const rows = new Map();
  let position = 0;

  async function write(messages) {
    /** @type {Set<string>} */
    const changed = new Set();
    for (const message of messages) {
      const { item_id, n, note } = message.json();
      const before = rows.get(item_id);
      rows.set(item_id, { item_id, total: (before?.total ?? 0) + n, times: (before?.times ?? 0) + 1, note });
      changed.add(item_id);
    }
    const written = [...changed].sort().map((id) => rows.get(id));
    const columns = ['item_id', 'total', 'times', 'note'].map((column) => written.map((row) => row[column]));
    const to = messages.at(-1).seq;
    const answer = await client.query({ name: 'commit', text: commit(table), values: [to, position, 1, [], ...columns] });
    if (answer.rows[0].moved !== '1') throw new Error('the checkpoint did not move');
    position = to;
    onCommit(position);
  }

  let readInProgress;
  return {
    position: () => position,
    async start() {
      const consumer = await jetstream(nc).consumers.get(STREAM, {
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: position + 1,
      });
      readInProgress = await consume(consumer, write);
    },
    stop: () => readInProgress.stop(),
    async close() {
      await nc.close();
      await client.end();
    },
  };
}

/** Hands the messages to `write` in batches, one at a time: a full one, or what there is when the server has no more or pauses. */
async function consume(consumer, write) {
  const batch = [];
  let due = 0; // so many of the batch wait no longer
  let idle;
  let writing;
  const drain = async () => {
    while (due > 0) {
      const taken = batch.splice(0, MAX_MESSAGES);
      due -= taken.length;
      await write(taken);
    }
    writing = undefined;
  };
  const flush = () => {
    due = batch.length;
    if (due > 0) writing ??= drain();
  };
  const messages = await consumer.consume({
    max_messages: MAX_MESSAGES,
    callback: (message) => {
      batch.push(message);
      clearTimeout(idle);
      if (batch.length >= MAX_MESSAGES || message.info.pending === 0) flush();
      else idle = setTimeout(flush, IDLE_MS);
    },
  });
  return {
    async stop() {
      messages.stop();
      clearTimeout(idle);
      due = 0;
      await writing;
    },
  };
}
