import { type LogAccess, type Say, type SetUp, acceptLine, setUpEventStore } from '@app/event-store';
import { PgLogMarks, poolOf, privateStore, setUpReadStore } from '@app/read-store';
import type { Access, ContextParts } from './plumbing.js';

/**
 * Streams, schemas and migrations, as this release wants them; safe to repeat, and to run in several processes at once. `admin` is
 * a NATS user that may make streams. Waits for NATS and its leader as long as it takes, and says so. Makes no stream where `trouble` says that the log, or what is known of it, is gone.
 */
export const setUp = (
  admin: Omit<LogAccess, 'name'>,
  { databaseUrl, sizes }: Access,
  contexts: readonly ContextParts[],
  say: Say = () => undefined,
): Promise<SetUp> =>
  setUpReadStore(databaseUrl, privateStore(databaseUrl, contexts), async () => {
    const pool = poolOf(databaseUrl, { name: 'clawbutler set-up', max: 1 });
    try {
      return await setUpEventStore({ ...admin, name: 'clawbutler set-up' }, sizes, new PgLogMarks(pool), say);
    } finally {
      await pool.end();
    }
  });

/** What a set-up says to whoever runs it: that nothing was made, why, and what to do; null: all is well. */
export function troubleOf({ trouble, instance_id }: SetUp): string | null {
  if (trouble === null) return null;
  const what =
    trouble === 'log.missing'
      ? 'PostgreSQL knows this instance, and NATS has its event log no more'
      : 'NATS has the event log of this instance, and PostgreSQL does not know it';
  return `${what} (${trouble}): no stream was made. Put the right copy back, or go on with what is there: ${acceptLine(instance_id)}`;
}
