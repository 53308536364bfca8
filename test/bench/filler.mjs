// A thread that fills a stream: on the message N it publishes until the stream ends at N or later, and then answers.
import { parentPort, workerData } from 'node:worker_threads';
import { connect, headers, nuid } from '@nats-io/transport-node';
import { payload } from './payload.mjs';

const BATCH = 500;
/** Rows that the events change in turn. Each event of a batch changes another one. */
const ITEMS = workerData.items ?? 5_000;

/** What the event store puts on an event; both sides read the same bytes. */
const ENVELOPE = {
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  'ce-type': 'bench.thing.measured',
  'ce-source': '/instances/inst-01kb3v4w5x6y7z8a9b0c1d2e3f',
  'ce-subject': 't1',
  'ce-time': '2026-02-01T12:00:00.000Z',
  'ce-dataschema': '/schemas/bench.thing.measured/1',
  'ce-actor': 'token:bench',
  'ce-correlationid': '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  'ce-causationid': '7c9e6679-7425-40de-944b-e07fc1f90ae7',
};

const nc = await connect(workerData.access);
let n = 0;

/** One atomic batch, since a stream that syncs each message on its own fills slowly. Answers the position of its end. */
async function publishBatch() {
  const head = headers();
  for (const [name, value] of Object.entries({ ...ENVELOPE, 'Nats-Batch-Id': nuid.next() })) head.set(name, value);
  for (let i = 1; ; i++) {
    const id = `t${++n % ITEMS}`;
    const message = [`${workerData.subjects}.${id}`, JSON.stringify(payload(id, n))];
    head.set('Nats-Batch-Sequence', String(i));
    if (i < BATCH) nc.publish(...message, { headers: head });
    else {
      head.set('Nats-Batch-Commit', '1');
      const { seq, error } = (await nc.request(...message, { headers: head, timeout: 30_000 })).json();
      if (error !== undefined) throw new Error(`${error.description} (${error.err_code})`);
      return seq;
    }
  }
}

let end = 0;
async function fillTo(wanted) {
  while (end < wanted) end = await publishBatch();
  parentPort.postMessage(end);
}
parentPort.on('message', (wanted) => void fillTo(wanted));
