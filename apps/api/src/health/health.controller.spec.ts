import { databaseErrorOf } from '@app/read-store';
import pg from 'pg';
import type { PlumbingToken } from '../plumbing.token.js';
import { Readiness } from './health.controller.js';

/** Readiness over a log and a database that answer as they are told; each look is awaited. */
async function failing(of: { log: () => Promise<string | null>; query?: () => Promise<unknown> }): Promise<readonly string[]> {
  const plumbing = { store: { failing: of.log }, pool: { query: of.query ?? (async () => ({ rows: [] })) } };
  const readiness = new Readiness({ plumbing } as unknown as PlumbingToken);
  await readiness.onApplicationBootstrap();
  const ready = readiness.ready();
  await readiness.onModuleDestroy();
  expect(ready.status).toBe(ready.failing.length === 0 ? 'ready' : 'not_ready');
  return ready.failing;
}

it('is ready while the log takes facts and PostgreSQL answers', async () => {
  expect(await failing({ log: async () => null })).toEqual([]);
});

it('names nats while no facts can be written, though a server of it answers', async () => {
  expect(await failing({ log: async () => 'nats' })).toEqual(['nats']);
});

it('names nats when the question itself fails, and postgresql beside it', async () => {
  const no = (): Promise<never> => Promise.reject(new Error('no'));
  expect(await failing({ log: no, query: no })).toEqual(['nats', 'postgresql']);
});

it('names the disk that is full', async () => {
  expect(await failing({ log: async () => 'nats-disk-full' })).toEqual(['nats-disk-full']);
  databaseErrorOf(Object.assign(new pg.DatabaseError('could not extend file', 1, 'error'), { code: '53100' })); // As a projector met it.
  expect(await failing({ log: async () => null })).toEqual(['postgresql-disk-full']);
});
