import { hostname, userInfo } from 'node:os';
import { ulid } from 'ulid';
import { v5 } from 'uuid';
import {
  CALLS,
  type CommandHandler,
  EventStore,
  FACTS,
  KEPT_STREAMS,
  type KeptStream,
  type LogAccess,
  type LogRecord,
  type LogUnderAccept,
  MarksAhead,
  type Trouble,
  acceptLine,
  pause,
  withLogUnderAccept,
} from '@app/event-store';
import { type FactClass, type Holdable, type Instant, type Decider, visibleText } from '@app/kernel';
import { PgAccept, PgLogMarks, Projector, poolOf, privateStore, readersOf, setUpReadStore } from '@app/read-store';
import { type Access, type ContextParts, eventsOf, foldsOf } from './plumbing.js';

/** What a restore leaves in the data directory. */
export interface RestoreManifest {
  readonly instance_id: string;
  readonly restored_at: string;
  readonly backup_hash: string;
}

/** What an operator asks of the log. */
export interface Accept {
  /** The instance whose log it is, as typed. */
  readonly confirm: string | undefined;
  /** The log and PostgreSQL were restored from a backup. */
  readonly restored: boolean;
  readonly manifest: RestoreManifest | null;
  readonly say: (words: string) => void;
}

/** The fact by which the log says that it was accepted. */
type Accepted = { readonly stream: KeptStream; readonly old_end: number; readonly new_end: number; readonly by: string };
export type AcceptDecider = Decider<any, Accepted, FactClass, never>;

/** The log is not accepted, and nothing was changed. */
export class AcceptRefused extends Error {
  constructor(
    readonly code: 'log.healthy' | 'log.not-confirmed' | 'log.not-restored' | 'log.foreign' | 'log.hole' | 'log.restored',
    message: string,
    readonly next: string,
  ) {
    super(message);
  }
}

const ACTOR = 'system:log-accept';
const NAMESPACE = '5b0e6f0c-3a27-4d1b-8a61-9b2f4a8f0d11';
const STATEMENT_MS = 600_000;
const LOOK_MS = 50;

interface Work {
  readonly record: LogRecord;
  readonly log: LogUnderAccept;
  readonly pg: PgAccept;
  readonly store: EventStore;
  /** Each stream that is accepted, and the incarnation it becomes. */
  readonly next: ReadonlyMap<KeptStream, string>;
  readonly projectors: readonly Projector[];
}

/**
 * Goes on with a log as it is. The states of each stream that is accepted, in PostgreSQL:
 *
 *   rewound, also by a restore -- an operator confirms ---------------------------> accepting
 *   accepting -- read models are built anew, compared, and holds are appended ---> open, in a new incarnation
 *
 * While it is `accepting` every process refuses. A run that is cut off is run again, and goes on. Throws `AcceptRefused`.
 */
export async function acceptLog(
  admin: Omit<LogAccess, 'name'>,
  access: Access,
  contexts: readonly ContextParts[],
  accepted: AcceptDecider,
  asked: Accept,
): Promise<void> {
  const nats = { ...admin, name: 'clawbutler log accept' };
  await setUpReadStore(access.databaseUrl, privateStore(access.databaseUrl, contexts), async () => {
    const pool = poolOf(access.databaseUrl, { name: 'clawbutler log accept', max: 10, statementMs: STATEMENT_MS });
    try {
      await withLogUnderAccept(nats, access.sizes, async (log, found) => {
        const marks = new PgLogMarks(pool);
        const known = await marks.read();
        const record = known ?? (await found());
        const streams = await examined(log, record, known === null, asked);
        if (known === null) await marks.create(record);
        const pg = new PgAccept(pool);
        const next = await begun(pg, streams);
        await log.take(record.instance_id, next);
        await setAside(pg, record, next);
        const store = await EventStore.open(nats, eventsOf(contexts), access.sizes, new MarksAhead(marks, next));
        const projectors = readers(contexts, next).map((fold) => new Projector(fold, store, pool, (_level, words) => asked.say(words)));
        try {
          await carriedOut({ record, log, pg, store, next, projectors }, contexts, accepted, asked);
        } finally {
          await Promise.all(projectors.map((projector) => projector.stop()));
          await store.close();
        }
      });
    } finally {
      await pool.end();
    }
  });
}

/** Which streams are to be accepted. Throws `AcceptRefused`. */
async function examined(log: LogUnderAccept, record: LogRecord, isUnknown: boolean, asked: Accept): Promise<readonly KeptStream[]> {
  const { instance_id } = record;
  if (asked.confirm !== instance_id)
    throw new AcceptRefused(
      'log.not-confirmed',
      `This instance is ${instance_id}, not ${asked.confirm ?? 'named'}.`,
      `To accept its log: ${acceptLine(instance_id, asked.restored ? 'restored' : undefined)}`,
    );
  const strangers = await log.strangers(instance_id);
  if (strangers.length > 0)
    throw new AcceptRefused(
      'log.foreign',
      `NATS holds the log of ${strangers.join(' and ')}, not of ${instance_id}.`,
      'Name the NATS of this instance, or put its log back.',
    );
  const begun = KEPT_STREAMS.filter((stream) => record.streams[stream].state === 'accepting');
  if (asked.restored) return restored(asked, record, begun);
  const isRestored = KEPT_STREAMS.some((stream) => record.streams[stream].restored_at !== null);
  if (isRestored)
    throw new AcceptRefused(
      'log.restored',
      `The log of ${instance_id} was restored from a backup: sessions, login codes and join tokens of the backup have to be closed.`,
      `Accept it as restored: ${acceptLine(instance_id, 'restored')}`,
    );
  const troubles = await log.examine(record);
  const hole = troubles.find(({ stream, code }) => stream === FACTS && code === 'log.gap');
  if (hole !== undefined)
    throw new AcceptRefused('log.hole', `${hole.detail}: a log with a hole cannot be built from.`, 'Put a copy back that has every fact.');
  const troubled = troubles.map(({ stream }: Trouble) => stream);
  const streams = KEPT_STREAMS.filter((stream) => isUnknown || begun.includes(stream) || troubled.includes(stream));
  if (streams.length > 0) return streams;
  throw new AcceptRefused(
    'log.healthy',
    `The log of ${instance_id} continues what was seen of it: there is nothing to accept.`,
    'Nothing needs to be done.',
  );
}

/** Takes all streams, and takes them once. Throws `AcceptRefused`. */
function restored({ manifest }: Accept, record: LogRecord, begun: readonly KeptStream[]): readonly KeptStream[] {
  const { instance_id: instanceId, streams } = record;
  const isDone = (stream: KeptStream): boolean => {
    const { restored_at, accepted_at } = streams[stream];
    return restored_at === null && accepted_at !== null && manifest !== null && accepted_at > manifest.restored_at;
  };
  if (begun.length === 0 && manifest?.instance_id === instanceId && KEPT_STREAMS.every(isDone))
    throw new AcceptRefused(
      'log.healthy',
      `What was restored here at ${manifest.restored_at} was accepted at ${streams.FACTS.accepted_at}: there is nothing to accept.`,
      'Nothing needs to be done.',
    );
  if (begun.length > 0 || manifest?.instance_id === instanceId) return KEPT_STREAMS;
  const why = manifest === null ? 'No restore manifest lies in the data directory' : `The restore manifest is of ${manifest.instance_id}`;
  throw new AcceptRefused(
    'log.not-restored',
    `${why}: nothing was restored here for ${instanceId}.`,
    'Restore a backup first, or leave out --restored.',
  );
}

async function begun(pg: PgAccept, streams: readonly KeptStream[]): Promise<Map<KeptStream, string>> {
  const next = new Map<KeptStream, string>();
  for (const stream of streams) next.set(stream, await pg.begin(stream, ulid()));
  return next;
}

const READ = [
  [FACTS, 'facts'],
  [CALLS, 'calls'],
] as const;

async function setAside(pg: PgAccept, record: LogRecord, next: ReadonlyMap<KeptStream, string>): Promise<void> {
  for (const [stream, read] of READ) {
    const incarnation = next.get(stream);
    if (incarnation !== undefined) await pg.setAside(read, record.streams[stream].incarnation, incarnation);
  }
}

const readers = (contexts: readonly ContextParts[], next: ReadonlyMap<KeptStream, string>) =>
  READ.flatMap(([stream, read]) => (next.has(stream) ? readersOf(foldsOf(contexts), read) : []));

async function carriedOut(work: Work, contexts: readonly ContextParts[], accepted: AcceptDecider, asked: Accept): Promise<void> {
  const { record, log, pg, store, next, projectors } = work;
  const ends = new Map(await Promise.all([...next.keys()].map(async (stream) => [stream, await log.end(stream)] as const)));
  for (const projector of projectors) projector.start();
  await caughtUp(work, asked.say);
  if (next.has(FACTS)) await hold(work, contexts, asked);
  if (asked.restored)
    for (const table of contexts.flatMap(({ openings = [] }) => openings)) asked.say(`${table}: ${await pg.empty(table)} rows removed`);
  const by = `${userName()} on ${hostname()}`.slice(0, 200);
  for (const [stream, incarnation] of next) {
    const data = { stream, old_end: record.streams[stream].mark.sequence, new_end: ends.get(stream)?.sequence ?? 0, by };
    await store.commands.handle(accepted, { data, actor: ACTOR, commandId: v5(`${stream} ${incarnation}`, NAMESPACE) });
  }
  await caughtUp(work, asked.say);
  const at = new Date().toISOString() as Instant;
  for (const stream of next.keys()) {
    const end = await log.end(stream);
    await pg.finish(stream, end, stream === FACTS || stream === CALLS ? 0 : end.sequence, at);
    asked.say(
      `${stream} is open. It had been seen up to ${record.streams[stream].mark.sequence}, and was accepted at ${ends.get(stream)?.sequence ?? 0}.`,
    );
  }
}

/** In a container the user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}

/** Resolves when every model has what the log has now. */
async function caughtUp({ log, next, projectors }: Work, say: (words: string) => void): Promise<void> {
  const end = Math.max(
    0,
    ...(await Promise.all(READ.flatMap(([stream]) => (next.has(stream) ? [log.end(stream)] : [])))).map(({ sequence }) => sequence),
  );
  if (projectors.length === 0) return;
  say(`Building ${projectors.length} read models from the log ...`);
  const ends = new Map(
    await Promise.all(
      READ.filter(([stream]) => next.has(stream)).map(async ([stream, read]) => [read, (await log.end(stream)).sequence] as const),
    ),
  );
  const isThere = (projector: Projector): boolean => {
    const { position, isReadable, stream } = projector.report();
    return isReadable && position >= (ends.get(stream as 'facts' | 'calls') ?? end);
  };
  while (!projectors.every(isThere)) await pause(LOOK_MS);
}

/** Holds what has rights now that it had not, or had otherwise, in the rows of before. */
async function hold({ record, pg, store }: Work, contexts: readonly ContextParts[], { restored: isRestored, say }: Accept): Promise<void> {
  const { incarnation, mark } = record.streams.FACTS;
  for (const holdable of contexts.flatMap(({ holds = [] }) => holds)) {
    const rows = await pg.rows(holdable.model);
    const lost = await pg.lostRows(holdable.model, incarnation);
    const isWhole = lost !== null && lost.position >= mark.sequence;
    if (isRestored) for (const line of inForce(holdable, rows)) say(`in force: ${holdable.what}: ${line}`);
    if (!isWhole && isRestored) continue; // What is in force was listed; there is nothing to compare it with.
    if (!isWhole) say(`${holdable.what}: no rows of the lost part are there to compare with, so all are held.`);
    await holdAll(store.commands, holdable, rows, isWhole ? rightsIn(holdable, lost.rows) : new Map(), say);
  }
}

async function holdAll(
  commands: CommandHandler,
  holdable: Holdable,
  rows: readonly object[],
  before: ReadonlyMap<string, string>,
  say: (words: string) => void,
): Promise<void> {
  for (const row of rows)
    for (const [id, right] of holdable.rights(row)) {
      if (before.get(id) === right) continue;
      await commands.handle(holdable.hold, { data: holdable.of(id), actor: ACTOR });
      say(`held: ${holdable.what}: ${visibleText(holdable.named(row, id))}`);
    }
}

const rightsIn = ({ rights }: Holdable, rows: readonly object[]): Map<string, string> => new Map(rows.flatMap((row) => [...rights(row)]));

const inForce = ({ rights, named }: Holdable, rows: readonly object[]): string[] =>
  rows.flatMap((row) => [...rights(row).keys()].map((id) => visibleText(named(row, id))));
