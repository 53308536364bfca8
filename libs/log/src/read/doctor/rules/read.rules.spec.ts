import type { CheckpointObservation, ProjectionObservation } from '@app/read-store';
import { type DatabaseObservation, checkpointsRule, parkedRule, postgresqlRule, postgresqlSilent, projectionsRule } from './read.rules.js';

describe('postgresqlRule', () => {
  const seen = (more: Partial<DatabaseObservation> = {}): DatabaseObservation => ({
    server: { version: '18.1', connections: 12, maxConnections: 97, nowMs: 0 },
    migrations: { pending: [], unknown: [] },
    diskFull: false,
    ...more,
  });
  const server = (connections: number) => ({ version: '18.1', connections, maxConnections: 100, nowMs: 0 });

  it.each<[string, Partial<DatabaseObservation>, string, string]>([
    ['a server that is well', {}, 'ok', 'PostgreSQL 18.1 answers, all migrations are made, 12 of 97 connections are used.'],
    ['pending migrations', { migrations: { pending: ['A1', 'B2'], unknown: [] } }, 'fail', 'lacks 2 migrations of this release: A1, B2.'],
    ['a full disk', { diskFull: true }, 'fail', 'The disk of PostgreSQL is full'],
    ['80 of 100 connections', { server: server(80) }, 'warn', '80 of 100 connections are used'],
    ['79 of 100 connections', { server: server(79) }, 'ok', '79 of 100'],
    [
      'migrations of a newer release',
      { migrations: { pending: [], unknown: ['C3'] } },
      'warn',
      '1 migration that this release does not know: C3',
    ],
  ])('judges %s', (_what, more, state, words) => {
    expect(postgresqlRule(seen(more))).toMatchObject({ state, detail: expect.stringContaining(words) });
  });

  it('fails when nothing answers, and does not repeat itself', () => {
    expect(postgresqlSilent('connect ECONNREFUSED')).toMatchObject({
      state: 'fail',
      detail: 'PostgreSQL does not answer: connect ECONNREFUSED.',
    });
    expect(postgresqlSilent('PostgreSQL does not answer: timeout').detail).toBe('PostgreSQL does not answer: timeout.');
  });
});

const model = (name: string, more: Partial<ProjectionObservation> = {}): ProjectionObservation => ({
  ...{ name, kind: 'projection', version: 1, stream: 'facts', state: 'running', position: 40, lag_events: 0, lag_seconds: 0 },
  ...{ stalled_seconds: 0, parked: 0, error: null, needs_release: null, building: null, rebuilt: null },
  ...more,
});

describe('projectionsRule', () => {
  it.each<[string, Partial<ProjectionObservation>, string, string, string | null]>([
    ['one that runs', {}, 'ok', 'All 2 read models run and are up to date.', null],
    ['one that nobody keeps', { state: null }, 'fail', '1 read model of 2 is updated by no process: a.', 'Start the projector'],
    ['one that halted', { state: 'halted', error: 'Too many rows.' }, 'fail', 'has halted: a (a: Too many rows).', 'projections retry a'],
    [
      'one that is refused',
      { state: 'refused', error: 'note is missing' },
      'fail',
      'is refused by its projector: a (a: note is missing).',
      'list',
    ],
    ['one that failed', { state: 'failed', error: 'no' }, 'fail', 'has failed: a (a: no).', 'list'],
    ['one that is stopped', { state: 'stopped' }, 'fail', 'has stopped: a.', 'Start the projector'],
    ['one that waits', { state: 'waiting', needs_release: '0.3.0' }, 'warn', 'waits for a newer release: a.', 'release 0.3.0 or newer'],
    ['one that is 4.9 s behind', { lag_events: 3, lag_seconds: 4.9 }, 'ok', 'up to date', null],
    ['one that is 5 s behind', { lag_events: 3, lag_seconds: 5 }, 'warn', 'a is 5 s behind the log, 3 events.', 'projections list'],
    ['one that is 30 s behind', { lag_events: 1, lag_seconds: 30 }, 'fail', 'a is 30 s behind the log, 1 event.', 'projections list'],
    ['one with parked rows', { parked: 3 }, 'ok', 'up to date', null],
  ])('judges %s', (_what, more, state, words, next) => {
    expect(projectionsRule([model('a', more), model('b')])).toMatchObject({
      state,
      detail: expect.stringContaining(words),
      next: next === null ? null : expect.stringContaining(next),
    });
  });

  it('says the worst state first, and at most five names', () => {
    const all = [model('w', { state: 'waiting' }), ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => model(name, { state: null }))];
    expect(projectionsRule(all)).toMatchObject({
      state: 'fail',
      detail: '7 read models of 8 are updated by no process: a, b, c, d, e and 2 more.',
    });
  });
});

describe('parkedRule', () => {
  it('is content when nothing is parked', () => {
    expect(parkedRule([model('a')])).toMatchObject({ state: 'ok', next: null });
  });

  it('counts what is parked, says where, and how to see it', () => {
    expect(parkedRule([model('a', { parked: 2 }), model('b'), model('c', { parked: 1 })])).toEqual({
      state: 'warn',
      detail: '3 rows stand still at events that cannot be used, in a, c.',
      next: 'See which, and why: ap infrastructure projections parked',
    });
    expect(parkedRule([model('a', { parked: 1 })]).detail).toBe('1 row stands still at events that cannot be used, in a.');
  });
});

describe('checkpointsRule', () => {
  const at = (name: string, more: Partial<CheckpointObservation> = {}): CheckpointObservation => ({
    ...{ name, kind: 'projection', stream: 'facts', position: 40, incarnation: 'ONE' },
    ...more,
  });
  const end = (lastSeq: number) => ({ lastSeq, incarnation: 'ONE' });
  const ends = { facts: end(40), calls: end(7), telemetry: end(90) };

  it.each<[string, Partial<CheckpointObservation>, string, string]>([
    ['one at the end', {}, 'ok', 'All 2 checkpoints are within this log.'],
    [
      'one beyond the end',
      { position: 41 },
      'fail',
      '1 checkpoint is beyond the end of the stream: a has read facts up to 41, which ends at 40.',
    ],
    ['one beyond the end of another stream', { stream: 'calls', position: 8 }, 'fail', 'a has read calls up to 8, which ends at 7'],
    ['one of another log', { incarnation: 'TWO' }, 'fail', 'Checkpoints are of another log than the one that runs: a.'],
  ])('judges %s', (_what, more, state, words) => {
    expect(checkpointsRule([at('a', more), at('b', { position: 3 })], ends)).toMatchObject({
      state,
      detail: expect.stringContaining(words),
    });
  });

  it('fails when the stream of a checkpoint is missing', () => {
    expect(checkpointsRule([at('a', { stream: 'telemetry' })], { ...ends, telemetry: null })).toMatchObject({
      state: 'fail',
      detail: 'Checkpoints count in a stream that is missing: a.',
    });
  });
});
