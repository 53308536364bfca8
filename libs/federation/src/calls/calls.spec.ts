import type pg from 'pg';
import type { EventStore } from '@app/event-store';
import { type TestLog, openTestLog } from '@app/event-store/testing';
import { Position, asId, newEvent } from '@app/kernel';
import { NOW } from '@app/kernel/testing';
import { PgReadModels, Progress, Projector, type Rows, poolOf, readName } from '@app/read-store';
import { readable } from '@app/read-store/testing';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import { asked, ending } from '../../testing/calls.js';
import type { CallAsked } from './runtime/call.js';
import { CallRecorder } from './runtime/call-recorder.provider.js';
import { OrphanedCallsJob } from './runtime/orphaned-calls.job.js';
import * as events from '../events/index.js';
import { CallCompleted } from './events/index.js';
import type { PeerId } from '../peers/events/index.js';
import { callLog } from './read/call-log/call-log.projection.js';
import { getCall, listCalls, callsLeftOpen } from './read/call-log/call-log.query.js';
import { CallListQuery } from './read/call-log/call-log.view.js';
import { peerCalls } from './read/peer-calls/peer-calls.projection.js';
import { peerDirectory } from '../peers/read/peer-directory/peer-directory.projection.js';

/** What becomes of calls, on a real log and a real database. */
let log: TestLog;
let store: EventStore;
let database: TestDatabase;
let pool: pg.Pool;
let progress: Progress;
let db: Rows;
const running: Projector[] = [];

const start = (): Promise<void> => {
  for (const fold of [callLog, peerCalls, peerDirectory]) {
    const projector = new Projector(fold, store, pool, () => undefined);
    projector.start();
    running.push(projector);
  }
  return readable(progress, [callLog, peerCalls, peerDirectory]);
};
const stop = async (): Promise<void> => void (await Promise.all(running.splice(0).map((projector) => projector.stop())));
/** Until every call that is in the log is in the rows. */
const caughtUp = async (): Promise<void> => {
  const { state } = await store.info('CALLS');
  for (const { table } of [callLog, peerCalls])
    expect(await progress.reached(table, new Position({ calls: state.last_seq }), 10_000)).toBe(true);
};

beforeAll(async () => {
  [log, database] = await Promise.all([openTestLog(Object.values(events).filter((item) => 'type' in item)), testDatabase()]);
  store = log.store;
  pool = poolOf(database.url, { name: 'test', max: 5, statementMs: 60_000 });
  await pool.query('CREATE SCHEMA read');
  progress = new Progress(store.nc);
  db = { query: (text, values) => pool.query(text, [...values]) };
  await start();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(async () => {
  await stop();
  progress.stop();
  await pool.end();
  await log.stop();
  await database.drop();
});

const UNNAMED = { withNames: false };
const recorderOf = (): CallRecorder => new CallRecorder(store.calls, store.identity);
const peer = (name: string): Pick<CallAsked, 'peer_id'> => ({ peer_id: asId<PeerId>(name) });
const query = (more: Partial<CallListQuery> = {}): CallListQuery => Object.assign(new CallListQuery(), more);

it('is in the rows as it was recorded, from the first word to the last', async () => {
  const recorder = recorderOf();
  const of = peer('peer-life');
  const call = await recorder.accept({ ...asked, ...of, call_id: 'call-life' });
  await caughtUp();
  const open = await getCall(db, 'call-life', UNNAMED);
  const { actor: _, ...said } = asked;
  expect(open).toMatchObject({
    ...said,
    ...of,
    call_id: 'call-life',
    outcome: 'open',
    ended_at: null,
    sentence: 'Let through, and not ended yet.',
  });

  recorder.end(call, ending);
  recorder.deny({ ...asked, ...of, call_id: 'call-no' }, 'no_rule');
  await recorder.onApplicationShutdown();
  await caughtUp();
  const { ended_at, total_ms, first_byte_ms, response_bytes } = ending;
  expect(await getCall(db, 'call-life', UNNAMED)).toMatchObject({
    ...open,
    outcome: 'completed',
    http_status: 200,
    task_id: 'task-9',
    ended_at,
    total_ms,
    first_byte_ms,
    response_bytes,
    sentence: expect.any(String),
  });
  expect((await listCalls(db, of.peer_id, query(), UNNAMED))?.calls.map(({ call_id, outcome }) => [call_id, outcome])).toEqual([
    ['call-no', 'denied'],
    ['call-life', 'completed'],
  ]);
  expect((await pool.query(`SELECT * FROM ${readName(peerCalls)} WHERE peer_id = $1`, [of.peer_id])).rows).toEqual([
    { ...of, calls_in: 0, calls_out: 1 },
  ]);
});

it('is found page by page, each once, though more come meanwhile', async () => {
  const recorder = recorderOf();
  const of = peer('peer-pages');
  for (let n = 0; n < 23; n++) await recorder.accept({ ...asked, ...of, call_id: `page-${n}`, direction: n % 3 === 0 ? 'in' : 'out' });
  await caughtUp();
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listCalls(db, of.peer_id, query({ limit: 5, ...(cursor === undefined ? {} : { cursor }) }), UNNAMED);
    found.push(...(page?.calls ?? []).map(({ call_id }) => call_id));
    cursor = page?.next_cursor ?? undefined;
    await recorder.accept({ ...asked, ...of, call_id: `later-${found.length}` });
    await caughtUp();
  } while (cursor !== undefined);
  expect(found).toEqual(Array.from({ length: 23 }, (_, n) => `page-${22 - n}`));
  const filtered = await listCalls(db, of.peer_id, query({ direction: 'in', outcome: 'open' }), UNNAMED);
  expect(filtered?.calls.map(({ call_id }) => call_id)).toEqual([21, 18, 15, 12, 9, 6, 3, 0].map((n) => `page-${n}`));
  expect(await listCalls(db, of.peer_id, query({ outcome: 'failed' }), UNNAMED)).toBeNull(); // Nobody registered it here, and none failed.
});

it('is the newest of its id, and no later one changes an earlier', async () => {
  const recorder = recorderOf();
  const first = await recorder.accept({ ...asked, ...peer('peer-honest'), call_id: 'chosen', direction: 'in' });
  recorder.end(first, ending);
  await recorder.accept({ ...asked, ...peer('peer-hostile'), call_id: 'chosen', direction: 'in', agent: 'buyer' });
  await recorder.accept({ ...asked, ...peer('peer-hostile'), call_id: 'chosen', direction: 'in', agent: 'seller' });
  await recorder.onApplicationShutdown();
  await caughtUp();
  expect(await getCall(db, 'chosen', UNNAMED)).toMatchObject({ agent: 'seller', outcome: 'open' });
  expect((await listCalls(db, 'peer-honest', query(), UNNAMED))?.calls).toMatchObject([{ agent: 'planner', outcome: 'completed' }]);
  expect((await listCalls(db, 'peer-hostile', query(), UNNAMED))?.calls).toMatchObject([{ agent: 'seller' }, { agent: 'buyer' }]);
});

describe('when its process is gone', () => {
  const jobOf = (recorder: CallRecorder) =>
    new OrphanedCallsJob(recorder, store.calls, store.identity, new PgReadModels(pool, progress, store.gate), store.rpc);
  const open = (recorder: CallRecorder, call_id: string) => recorder.accept({ ...asked, ...peer('peer-orphans'), call_id });

  it('ends as unknown, and calls that others or this one hold go on', async () => {
    const [dead, living, mine] = [recorderOf(), recorderOf(), recorderOf()];
    await open(dead, 'of-dead');
    await open(living, 'of-living');
    await open(mine, 'of-mine');
    await caughtUp();
    const jobs = [jobOf(living), jobOf(mine)];
    for (const job of jobs) job.onApplicationBootstrap(); // Each jobs at once, and says that it lives.
    await jobs[1]?.closeOrphans();
    await caughtUp();
    await Promise.all(jobs.map((job) => job.onModuleDestroy()));
    const { calls = [] } = (await listCalls(db, 'peer-orphans', query(), UNNAMED)) ?? {};
    expect(calls.map(({ call_id, outcome, reason }) => [call_id, outcome, reason])).toEqual([
      ['of-mine', 'open', null],
      ['of-living', 'open', null],
      ['of-dead', 'unknown', 'process_died'],
    ]);
  }, 60_000);

  it('ends as unknown also in its own run, when its ending was lost and long nobody holds it', async () => {
    const lost = recorderOf();
    const of = peer('peer-lost');
    const held = await lost.accept({ ...asked, ...of, call_id: 'held' });
    await lost.accept({ ...asked, ...of, call_id: 'lost' });
    lost.holds = (recordId) => recordId === held.record_id;
    const outcomes = async () => {
      await caughtUp();
      const { calls = [] } = (await listCalls(db, of.peer_id, query(), UNNAMED)) ?? {};
      return calls.map(({ call_id, outcome }) => [call_id, outcome]);
    };
    const job = jobOf(lost);
    await job.closeOrphans();
    expect(await outcomes()).toEqual([
      ['lost', 'open'],
      ['held', 'open'],
    ]); // They may be on their way still.
    await job.closeOrphans(new Date(Date.now() + 3_600_000));
    expect(await outcomes()).toEqual([
      ['lost', 'unknown'],
      ['held', 'open'],
    ]);
  }, 60_000);

  it('stays as it ended when the rows were behind', async () => {
    const dead = recorderOf();
    const call = await open(dead, 'late');
    await caughtUp();
    await stop();
    dead.end(call, ending);
    await dead.onApplicationShutdown();
    await jobOf(recorderOf()).closeOrphans();
    const { events: last } = await store.browser.browse({ stream: 'calls', limit: 2 });
    expect(last.map(({ type }) => type)).toEqual(expect.arrayContaining(['federation.call.abandoned']));
    await start();
    await caughtUp();
    expect(await getCall(db, 'late', UNNAMED)).toMatchObject({ outcome: 'completed' });
  }, 60_000);
});

it('comes back equal when its tables are dropped', async () => {
  const rows = async (): Promise<string> => {
    const { rows: calls } = await pool.query(`SELECT * FROM ${readName(callLog)} ORDER BY record_id`);
    const { rows: counts } = await pool.query(`SELECT * FROM ${readName(peerCalls)} ORDER BY peer_id`);
    return JSON.stringify([calls, counts]);
  };
  await caughtUp();
  const before = await rows();
  await stop();
  await pool.query('DROP SCHEMA rm_call_log_v2 CASCADE; DROP SCHEMA rm_peer_calls_v1 CASCADE');
  progress.stop();
  progress = new Progress(store.nc); // What was heard of the tables that are gone says nothing of these.
  await start();
  await caughtUp();
  expect(before.length).toBeGreaterThan(10_000);
  expect(await rows()).toBe(before);
});

describe('among a hundred thousand', () => {
  beforeAll(async () => {
    const recorder = recorderOf();
    recorder.end(await recorder.accept(asked), ending);
    await recorder.onApplicationShutdown();
    await caughtUp();
    await stop();
    await pool.query(`
      INSERT INTO rm_call_log_v2.call_log
      SELECT filler.*
        FROM (SELECT * FROM rm_call_log_v2.call_log WHERE outcome = 'completed' LIMIT 1) AS t, generate_series(1, 100000) AS n,
             LATERAL jsonb_populate_record(NULL::rm_call_log_v2.call_log, to_jsonb(t) || jsonb_build_object(
               'record_id', 'filler-' || n, 'position', 1000000 + n, 'call_id', 'call-' || n % 90000, 'peer_id', 'peer-' || n % 10,
               'direction', CASE n % 2 WHEN 0 THEN 'in' ELSE 'out' END, 'outcome', CASE n % 5000 WHEN 0 THEN 'failed' ELSE 'completed' END
             )) AS filler;
      ANALYZE rm_call_log_v2.call_log`);
  }, 60_000);

  interface Plan {
    'Node Type': string;
    Filter?: string;
    Plans?: Plan[];
  }
  const nodesOf = (plan: Plan): string[] => [
    plan['Node Type'],
    ...(plan.Filter === undefined ? [] : [`Filter ${plan.Filter}`]),
    ...(plan.Plans ?? []).flatMap(nodesOf),
  ];
  /** The steps by which PostgreSQL answers a query. */
  const stepsOf = async (ask: (rows: Rows) => Promise<unknown>): Promise<string[]> => {
    const steps: string[] = [];
    const explain = async (text: string, values: readonly unknown[]): Promise<void> => {
      const { rows } = await pool.query(`EXPLAIN (FORMAT JSON) ${text}`, [...values]);
      for (const row of rows as { 'QUERY PLAN': { Plan: Plan }[] }[])
        steps.push(...row['QUERY PLAN'].flatMap(({ Plan: plan }) => nodesOf(plan)));
    };
    await ask({
      query: async (text, values) => {
        await explain(text, values);
        return db.query(text, values);
      },
    });
    return steps;
  };

  it.each<[string, (rows: Rows) => Promise<unknown>]>([
    ['the newest of a peer', (rows) => listCalls(rows, 'peer-3', query(), UNNAMED)],
    ['a page far back', (rows) => listCalls(rows, 'peer-3', query({ cursor: 'c1000900' }), UNNAMED)],
    ['the few that failed', (rows) => listCalls(rows, 'peer-0', query({ outcome: 'failed' }), UNNAMED)],
    ['those of an outcome that none has', (rows) => listCalls(rows, 'peer-3', query({ outcome: 'aborted' }), UNNAMED)],
    ['those in', (rows) => listCalls(rows, 'peer-4', query({ direction: 'in' }), UNNAMED)],
    ['one by its id', (rows) => getCall(rows, 'call-77', UNNAMED)],
    ['what other runs hold', (rows) => callsLeftOpen(rows, { bootId: 'boot', before: NOW, after: '', limit: 500 })],
  ])('%s: found by an index', async (_name, ask) => {
    const steps = await stepsOf(ask);
    expect(steps).not.toContain('Seq Scan');
    expect(steps).toEqual(expect.arrayContaining([expect.stringMatching(/Index|Bitmap/)]));
  });

  it('those in of a peer that makes none: without a look at those out', async () => {
    const steps = await stepsOf((rows) => listCalls(rows, 'peer-3', query({ direction: 'in' }), UNNAMED));
    expect(steps.filter((step) => step.startsWith('Filter'))).toEqual([]);
  });
});

it('is a sentence and no more in the log: no body, no header', () => {
  const fields = Object.keys(newEvent(CallCompleted, CallCompleted.example).data as object);
  expect(fields.filter((field) => /body|header|secret|token|authorization/.test(field))).toEqual([]);
});
