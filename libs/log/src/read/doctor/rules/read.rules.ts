import type { CheckpointObservation, DatabaseState, MigrationsObservation, ProjectionObservation } from '@app/read-store';
import { type Finding, fail, ok, warn } from '../examination.js';

/** Share of the connections that PostgreSQL allows. */
const CONNECTIONS_HIGH = 0.8;
/** Age of the oldest event that is not in the rows, s. */
const BEHIND_S = 5;
const FAR_BEHIND_S = 30;

export interface DatabaseObservation {
  readonly server: DatabaseState;
  readonly migrations: MigrationsObservation;
  readonly diskFull: boolean;
}

export function postgresqlRule({ server, migrations: { pending, unknown }, diskFull }: DatabaseObservation): Finding {
  const { version, connections, maxConnections } = server;
  if (pending.length > 0)
    return fail(
      `PostgreSQL ${version} lacks ${count(pending.length, 'migration')} of this release: ${pending.join(', ')}.`,
      'Run the set-up of this release; a start of the standalone process does.',
    );
  if (diskFull)
    return fail(
      'The disk of PostgreSQL is full: it answers what is there, and takes nothing new.',
      'Free space on its disk; it goes on by itself.',
    );
  const used = `${connections} of ${maxConnections} connections are used`;
  if (connections >= CONNECTIONS_HIGH * maxConnections)
    return warn(`PostgreSQL ${version} is short of connections: ${used}.`, 'End programs that hold connections, or raise max_connections.');
  if (unknown.length > 0)
    return warn(
      `PostgreSQL ${version} has ${count(unknown.length, 'migration')} that this release does not know: ${unknown.join(', ')}.`,
      'A newer release ran its set-up here: run that release.',
    );
  return ok(`PostgreSQL ${version} answers, all migrations are made, ${used}.`);
}

/** PostgreSQL itself does not answer. */
export const postgresqlSilent = (words: string): Finding =>
  fail(
    `${/^PostgreSQL/.test(words) ? words : `PostgreSQL does not answer: ${words}`}.`,
    'See that PostgreSQL runs and lets this process in, and read its log. Read models and logins stand still until it answers.',
  );

type State = NonNullable<ProjectionObservation['state']> | 'not_running';

interface Stand {
  readonly state: State;
  /** What one of them does, and what several do. */
  readonly does: readonly [string, string];
  readonly finding: typeof fail;
  /** NAME: the first of them; RELEASE: the one that it waits for. */
  readonly next: string;
}

/** States in which a read model does not go on, the worst first. */
const STANDS: readonly Stand[] = [
  {
    state: 'halted',
    does: ['has halted', 'have halted'],
    finding: fail,
    next: 'Upgrade to a corrected release, then: ap infrastructure projections retry NAME',
  },
  {
    state: 'refused',
    does: ['is refused by its projector', 'are refused by their projectors'],
    finding: fail,
    next: 'See what differs: ap infrastructure projections list',
  },
  {
    state: 'failed',
    does: ['has failed', 'have failed'],
    finding: fail,
    next: 'It is tried again by itself; see the cause: ap infrastructure projections list',
  },
  {
    state: 'not_running',
    does: ['is updated by no process', 'are updated by no process'],
    finding: fail,
    next: 'Start the projector, or wait for it when it has just started.',
  },
  { state: 'stopped', does: ['has stopped', 'have stopped'], finding: fail, next: 'Start the projector.' },
  {
    state: 'waiting',
    does: ['waits for a newer release', 'wait for a newer release'],
    finding: warn,
    next: 'Upgrade to release RELEASE or newer; it goes on by itself.',
  },
];

export function projectionsRule(all: readonly ProjectionObservation[]): Finding {
  const seen = all.map((one) => ({ ...one, state: one.state ?? ('not_running' as const) }));
  for (const { state, does, finding, next } of STANDS) {
    const here = seen.filter((one) => one.state === state);
    const [first] = here;
    if (first === undefined) continue;
    const why = first.error === null ? '' : ` (${first.name}: ${first.error.replace(/\.$/, '')})`;
    const words = `${count(here.length, 'read model')} of ${seen.length} ${does[here.length === 1 ? 0 : 1]}: ${names(here)}${why}.`;
    return finding(words, next.replace('NAME', first.name).replace('RELEASE', first.needs_release ?? 'of the event'));
  }
  const [furthest] = seen.filter(({ lag_events }) => lag_events > 0).toSorted((a, b) => b.lag_seconds - a.lag_seconds);
  if (furthest === undefined || furthest.lag_seconds < BEHIND_S) return ok(`All ${seen.length} read models run and are up to date.`);
  const behind = `${furthest.name} is ${Math.round(furthest.lag_seconds)} s behind the log, ${count(furthest.lag_events, 'event')}.`;
  const next = 'Look whether it comes closer: ap infrastructure projections list. Else PostgreSQL or the machine is too slow.';
  return (furthest.lag_seconds >= FAR_BEHIND_S ? fail : warn)(behind, next);
}

export function parkedRule(all: readonly ProjectionObservation[]): Finding {
  const parked = all.filter((one) => one.parked > 0);
  if (parked.length === 0) return ok('No row stands still.');
  const rows = parked.reduce((sum, one) => sum + one.parked, 0);
  const words = `${count(rows, 'row')} ${rows === 1 ? 'stands' : 'stand'} still at events that cannot be used, in ${names(parked)}.`;
  return warn(words, 'See which, and why: ap infrastructure projections parked');
}

/** Of each stream: up to where it goes, and the incarnation in which positions count. */
export type StreamEnds = Readonly<
  Record<CheckpointObservation['stream'], { readonly lastSeq: number; readonly incarnation: string | null } | null>
>;

const OTHER_LOG =
  'Find out which log is the right one before anything else: see docs/operations.md, "The event log lost its end, or is gone".';

/** `checkpoints` must have been read before the ends: a stream grows meanwhile. */
export function checkpointsRule(checkpoints: readonly CheckpointObservation[], ends: StreamEnds): Finding {
  const missing = checkpoints.filter(({ stream }) => ends[stream] === null);
  if (missing.length > 0) return fail(`Checkpoints count in a stream that is missing: ${names(missing)}.`, OTHER_LOG);
  const elsewhere = checkpoints.filter(({ stream, incarnation }) => ends[stream]?.incarnation !== incarnation);
  if (elsewhere.length > 0) return fail(`Checkpoints are of another log than the one that runs: ${names(elsewhere)}.`, OTHER_LOG);
  const beyond = checkpoints.filter(({ stream, position }) => position > (ends[stream]?.lastSeq ?? 0));
  const [first] = beyond;
  if (first !== undefined) {
    const at = `${first.name} has read ${first.stream} up to ${first.position}, which ends at ${ends[first.stream]?.lastSeq ?? 0}`;
    return fail(
      `${count(beyond.length, 'checkpoint')} ${beyond.length === 1 ? 'is' : 'are'} beyond the end of the stream: ${at}.`,
      OTHER_LOG,
    );
  }
  return ok(`All ${checkpoints.length} checkpoints are within this log.`);
}

const SHOWN = 5;
const names = (all: readonly { readonly name: string }[]): string => {
  const shown = all.slice(0, SHOWN).map(({ name }) => name);
  return all.length > SHOWN ? `${shown.join(', ')} and ${all.length - SHOWN} more` : shown.join(', ');
};
const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
