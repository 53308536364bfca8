import type { PlumbingToken } from '../plumbing.token.js';
import { Readiness } from './health.controller.js';

/** Readiness over a log and a database that answer as they are told; each look is awaited. */
async function failing(of: { answers: () => Promise<boolean>; query?: () => Promise<unknown> }): Promise<readonly string[]> {
  const plumbing = { store: { answers: of.answers }, pool: { query: of.query ?? (async () => ({ rows: [] })) } };
  const readiness = new Readiness({ plumbing } as unknown as PlumbingToken);
  await readiness.onApplicationBootstrap();
  const ready = readiness.ready();
  await readiness.onModuleDestroy();
  expect(ready.status).toBe(ready.failing.length === 0 ? 'ready' : 'not_ready');
  return ready.failing;
}

it('is ready while the log takes facts and PostgreSQL answers', async () => {
  expect(await failing({ answers: async () => true })).toEqual([]);
});

it('names nats while no facts can be written, though a server of it answers', async () => {
  expect(await failing({ answers: async () => false })).toEqual(['nats']);
});

it('names nats when the question itself fails, and postgresql beside it', async () => {
  const no = (): Promise<never> => Promise.reject(new Error('no'));
  expect(await failing({ answers: no, query: no })).toEqual(['nats', 'postgresql']);
});
