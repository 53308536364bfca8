import type { LogAcceptance } from '@app/event-store';
import type { Instant } from '@app/kernel';
import { JobScheduler } from './job-scheduler.js';

const DAY_MS = 24 * 3_600_000;
const daysAgo = (days: number): Instant => new Date(Date.now() - days * DAY_MS).toISOString() as Instant;

/** Which of two jobs run: one that removes private rows, and one that does not. */
async function ran(acceptance: { isOpen: boolean; acceptedAt: Instant | null }): Promise<string[]> {
  const runs = new Set<string>();
  const turns = Promise.withResolvers<void>();
  let count = 0;
  const log: LogAcceptance = {
    isOpen: () => {
      if (++count === 6) turns.resolve(); // Each job was looked at several times.
      return acceptance.isOpen;
    },
    acceptedAt: () => acceptance.acceptedAt,
  };
  const job = (name: string, removesPrivateRows: boolean) => ({ intervalMs: 1, removesPrivateRows, run: async () => void runs.add(name) });
  const scheduler = new JobScheduler([job('removes', true), job('other', false)], log);
  scheduler.onApplicationBootstrap();
  await turns.promise;
  await scheduler.onModuleDestroy();
  return [...runs].sort();
}

it.each([
  ['runs each job while the log is open', { isOpen: true, acceptedAt: null }, ['other', 'removes']],
  ['runs no job while the log is closed', { isOpen: false, acceptedAt: null }, []],
  ['keeps private rows for 30 days after an accept', { isOpen: true, acceptedAt: daysAgo(29) }, ['other']],
  ['removes them after that', { isOpen: true, acceptedAt: daysAgo(31) }, ['other', 'removes']],
])('%s', async (_what, acceptance, jobs) => expect(await ran(acceptance)).toEqual(jobs));
