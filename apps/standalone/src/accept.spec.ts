import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DEFAULT_SIZES, EventStore, type StreamSizes } from '@app/event-store';
import { acceptStream } from '@app/log';
import { type EventClass, type NewEvent, newEvent } from '@app/kernel';
import { type Accept, acceptLog, setUp } from '@app/process';
import { PgLogMarks, Projector, poolOf } from '@app/read-store';
import { CONTEXTS, contexts } from '@app/contexts';
import { type TestDatabase, type TestNats, startTestNats, testDatabase } from '@app/runtime/testing';

const SIZES: StreamSizes = DEFAULT_SIZES;
const classes = CONTEXTS.flatMap(({ events }) => Object.values(events)).filter(
  (one): one is EventClass => typeof one === 'function' && 'type' in one,
);
const { TokenIssued } = contexts.access.events;
const { PeerRegistered } = contexts.federation.events;

let nats: TestNats;
let database: TestDatabase;
let pool: pg.Pool;
let instanceId: string;
const said: string[] = [];
beforeEach(async () => {
  [nats, database] = await Promise.all([startTestNats(), testDatabase()]);
  pool = poolOf(database.url, { name: 'test', max: 10 });
  said.length = 0;
  ({ instance_id: instanceId } = await setUp(nats.access, at(), CONTEXTS));
  await written(newEvent(TokenIssued, TokenIssued.example), newEvent(PeerRegistered, PeerRegistered.example));
});
afterEach(async () => {
  await pool.end();
  await nats.stop();
  await database.drop();
});

const at = () => ({ nats: nats.access, databaseUrl: database.url, sizes: SIZES, logLevel: 'silent' });
const open = (): Promise<EventStore> => EventStore.open({ ...nats.access, name: 'test' }, classes, SIZES, new PgLogMarks(pool));
const accept = (asked: Partial<Accept> = {}): Promise<void> =>
  acceptLog(nats.access, at(), CONTEXTS, acceptStream, {
    confirm: instanceId,
    restored: false,
    manifest: null,
    say: (words) => said.push(words),
    ...asked,
  });
const held = (): string[] => said.filter((words) => words.startsWith('held: ')).map((words) => words.split(': ')[1] ?? '');

/** Facts, each of a thing of its own; the marks have them afterwards. */
async function written(...facts: NewEvent[]): Promise<void> {
  const store = await open();
  for (const fact of facts) {
    const context = { commandId: randomUUID(), actor: 'test', at: '2026-02-01T12:00:00.000Z' as const };
    await store.appender.append({ ...context, events: [fact], expected: new Map([[fact.subject, 0]]) });
  }
  await store.close();
}
/** The read models as a projector leaves them. */
async function projected(): Promise<void> {
  const store = await open();
  const folds = CONTEXTS.flatMap(({ projections }) => [...projections]).filter(({ kind }) => kind === 'projection');
  const projectors = folds.map((fold) => new Projector(fold, store, pool, () => undefined));
  for (const projector of projectors) projector.start();
  while (!projectors.every((one) => one.report().isReadable && (one.report().stream !== 'facts' || one.report().position >= 2)))
    await new Promise((resolve) => setTimeout(resolve, 20));
  await Promise.all(projectors.map((projector) => projector.stop()));
  await store.close();
}
/** As if the log had been seen further than it goes. */
const seenUpTo = (sequence: number, stream = 'FACTS') =>
  pool.query('UPDATE private.log_identity SET mark_sequence = $1, mark_message = NULL, mark_stored_at = NULL WHERE stream = $2', [
    sequence,
    stream,
  ]);
const states = async () =>
  Object.fromEntries(
    (await pool.query('SELECT stream, state, next_incarnation FROM private.log_identity ORDER BY 1')).rows.map(({ stream, state }) => [
      stream,
      state,
    ]),
  );

it('holds everything, and says so, where no old rows reach the mark', async () => {
  await projected();
  await seenUpTo(9);
  await accept();
  expect(held().sort()).toEqual(['peers', 'service tokens']);
  expect(said).toContain('peers: no rows of the lost part are there to compare with, so all are held.');
  expect(await states()).toEqual({ CALLS: 'open', FACTS: 'open', TELEMETRY: 'open' });
});

/** The schema of a read model, in today's version of it. */
const schemaOf = (table: string): string =>
  `rm_${table}_v${CONTEXTS.flatMap(({ projections }) => projections).find((fold) => fold.table === table)?.version}`;

it('holds nothing that the rows of the lost part had as well', async () => {
  await projected();
  for (const table of ['peer_directory', 'token_directory', 'route_directory', 'agent_directory'])
    await pool.query(`UPDATE ${schemaOf(table)}.checkpoint SET position = 9`);
  await pool.query(`UPDATE ${schemaOf('peer_directory')}.peer_directory SET label = 'another', status = 'connected'`); // No rights.
  await seenUpTo(9);
  await accept();
  expect(held()).toEqual([]);
});

it('goes on where it was cut off, in the incarnation that it had begun', async () => {
  await projected();
  await seenUpTo(9);
  await pool.query(
    "UPDATE private.log_identity SET state = 'accepting', next_incarnation = '01JBEGUNBEGUNBEGUNBEGUN7Q2M' WHERE stream = 'FACTS'",
  );
  const waiting = await open();
  await expect(waiting.gate.pass('FACTS')).rejects.toMatchObject({ code: 'log.accepting' });
  await accept();
  await waiting.gate.reopened;
  await waiting.close();
  const store = await open();
  expect(store.gate.incarnationOf('FACTS')).toBe('01JBEGUNBEGUNBEGUNBEGUN7Q2M');
  expect(store.gate.token({ facts: 1 })).toBe('f1~7q2m');
  await store.close();
});

it('accepts CALLS alone, and leaves facts and what is held alone', async () => {
  const before = (await pool.query("SELECT incarnation FROM private.log_identity WHERE stream = 'FACTS'")).rows;
  await seenUpTo(4, 'CALLS');
  await accept();
  expect(held()).toEqual([]);
  expect((await pool.query("SELECT incarnation FROM private.log_identity WHERE stream = 'FACTS'")).rows).toEqual(before);
  expect(said).toContainEqual(expect.stringMatching(/^CALLS is open\. It had been seen up to 4/));
});

it('takes a log that PostgreSQL does not know for its own when it is confirmed', async () => {
  await pool.query('DELETE FROM private.log_identity');
  expect(await setUp(nats.access, at(), CONTEXTS)).toMatchObject({ instance_id: instanceId, trouble: 'private.missing' });
  await accept();
  expect(await states()).toEqual({ CALLS: 'open', FACTS: 'open', TELEMETRY: 'open' });
  await (await open()).close();
});

it.each([
  ['a log that continues', {}, 'log.healthy'],
  ['another instance', { confirm: 'inst-other' }, 'log.not-confirmed'],
  ['a restore that was none', { restored: true }, 'log.not-restored'],
  [
    'a restore of another instance',
    { restored: true, manifest: { instance_id: 'inst-other', restored_at: '', backup_hash: '' } },
    'log.not-restored',
  ],
])('refuses %s, and changes nothing', async (_what, asked, code) => {
  const before = (await pool.query('SELECT * FROM private.log_identity ORDER BY 1')).rows;
  await expect(accept(asked)).rejects.toMatchObject({ code });
  expect((await pool.query('SELECT * FROM private.log_identity ORDER BY 1')).rows).toEqual(before);
});

it('after a restore closes what lets somebody in without more, and lists what is in force', async () => {
  await pool.query("INSERT INTO private.session VALUES ('s', 'hash', 'admin', '2099-01-01T00:00:00.000Z')");
  await pool.query("INSERT INTO private.login_code VALUES ('hash', 'admin', '2099-01-01T00:00:00.000Z', NULL)");
  await pool.query("INSERT INTO private.edge_join_token VALUES ('j', 'hash', '2099-01-01T00:00:00.000Z')");
  await pool.query("INSERT INTO private.service_token VALUES ('t', 'hash', 'kept', 'admin', NULL)");
  await accept({ restored: true, manifest: { instance_id: instanceId, restored_at: '2026-02-01T12:00:00.000Z', backup_hash: '' } });
  const left = async (table: string) => (await pool.query(`SELECT * FROM private.${table}`)).rowCount;
  expect(await Promise.all(['session', 'login_code', 'edge_join_token', 'service_token'].map(left))).toEqual([0, 0, 0, 1]);
  expect(said.filter((words) => words.startsWith('in force: ')).map((words) => words.split(': ')[1])).toEqual(['service tokens', 'peers']);
  expect(held()).toEqual([]);
});

it('takes a restored log as restored and in no other way, also when that was cut off', async () => {
  const restored_at = '2020-02-01T12:00:00.000Z';
  await new PgLogMarks(pool).restored(restored_at);
  const asRestored = expect.stringContaining(`npm run log -- accept --restored --confirm=${instanceId}`);
  await expect(accept()).rejects.toMatchObject({ code: 'log.restored', next: asRestored });
  await pool.query("UPDATE private.log_identity SET state = 'accepting', next_incarnation = '01JBEGUNBEGUNBEGUNBEGUN7Q2M'");
  await expect(accept()).rejects.toMatchObject({ code: 'log.restored', next: asRestored });
  await accept({ restored: true, manifest: { instance_id: instanceId, restored_at, backup_hash: '' } });
  expect((await pool.query('SELECT restored_at FROM private.log_identity')).rows).toEqual(Array(3).fill({ restored_at: null }));
  await (await open()).close();
});

it('takes what was restored once', async () => {
  const manifest = { instance_id: instanceId, restored_at: '2020-02-01T12:00:00.000Z', backup_hash: '' };
  await accept({ restored: true, manifest });
  await expect(accept({ restored: true, manifest })).rejects.toMatchObject({ code: 'log.healthy' });
  await accept({ restored: true, manifest: { ...manifest, restored_at: '2999-02-01T12:00:00.000Z' } }); // Another restore, after that accept.
});
