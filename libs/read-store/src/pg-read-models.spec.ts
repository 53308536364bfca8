import { openGate } from '@app/event-store/testing';
import { ProblemException } from '@app/http';
import { Position } from '@app/kernel';
import pg from 'pg';
import { PgReadModels } from './pg-read-models.js';
import type { Answer } from './ports.js';
import type { Progress } from './progress.js';
import type { Model } from './table.js';
import { DatabaseUnavailable } from './trouble.js';

const model = { table: 'things', version: 1 } as unknown as Model;
const refused = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });

/** A database that answers `rows`, or fails. */
class Database {
  rows: unknown[] = [{ n: 1 }];
  failure: Error | undefined;
  readonly query = async (): Promise<{ rows: unknown[] }> => {
    if (this.failure !== undefined) throw this.failure;
    return { rows: this.rows };
  };
}

let database: Database;
let here: number;
let reads: PgReadModels;
beforeEach(() => {
  database = new Database();
  here = 5;
  const position = (): Position => new Position({ facts: here });
  const progress = { position, reached: async (_table: string, after: Position) => position().atLeast(after), lagMs: () => 0 };
  reads = new PgReadModels(database as unknown as pg.Pool, progress as unknown as Progress, openGate);
});

const ask = (after?: string): Promise<Answer<unknown[]>> =>
  reads.answer(model, after === undefined ? {} : { after }, async (db) => (await db.query('SELECT n', [])).rows);
const thrown = async (answer: Promise<unknown>): Promise<unknown> => {
  try {
    return { answered: await answer };
  } catch (error) {
    return error instanceof ProblemException ? { status: error.problem.status, code: error.problem.code } : error;
  }
};

describe('PgReadModels while PostgreSQL does not answer', () => {
  it('gives the last answer with a warning', async () => {
    await ask();
    database.failure = refused();
    expect(await ask()).toMatchObject({ data: [{ n: 1 }], position: 'f5', lag_ms: null, warnings: [{ code: 'read.snapshot' }] });
  });

  it('never gives a snapshot that is older than the position asked for', async () => {
    await ask();
    database.failure = refused();
    here = 7; // The announcement came; the rows of 7 were never read.
    expect(await thrown(ask('f7'))).toEqual({ status: 503, code: 'read.unavailable' });
  });

  it('never gives a snapshot to whoever asks for a position, also where the projector was not heard', async () => {
    await ask();
    database.failure = refused();
    expect(await thrown(ask('f9'))).toEqual({ status: 503, code: 'read.behind' });
  });
});

describe('PgReadModels with many questions', () => {
  it('remembers the answers of the last five hundred', async () => {
    const numbered = (n: number) => reads.answer(model, { n } as object, async (db) => (await db.query('SELECT n', [])).rows);
    for (let n = 0; n < 501; n++) await numbered(n);
    database.failure = refused();
    expect(await thrown(numbered(0))).toEqual({ status: 503, code: 'read.unavailable' });
    expect(await numbered(1)).toMatchObject({ warnings: [{ code: 'read.snapshot' }] });
    expect(await numbered(500)).toMatchObject({ warnings: [{ code: 'read.snapshot' }] });
  });
});

describe('PgReadModels under a mistake of ours', () => {
  const programming: [string, Error][] = [
    ['a statement under the name of another', new Error(`Prepared statements must be unique - 'x' was used for a different statement`)],
    ['a wrong number of values', Object.assign(new pg.DatabaseError('bind message supplies 1', 1, 'error'), { code: '08P01' })],
    ['a TypeError', new TypeError(`Cannot read properties of undefined (reading 'n')`)],
  ];

  it.each(programming)('throws it instead of a stale snapshot: %s', async (_name, mistake) => {
    await ask();
    database.failure = mistake;
    expect(await thrown(ask())).toBe(mistake);
    expect(mistake).not.toBeInstanceOf(DatabaseUnavailable);
  });
});
