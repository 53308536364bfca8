import { type InstanceIdentity, type LogAccess, type Say, setUpEventStore } from '@app/event-store';
import { privateStore, setUpReadStore } from '@app/read-store';
import type { Access, RoomDoor } from './plumbing.js';

/**
 * Streams, schemas and migrations, as this release wants them; safe to repeat, and to run in several processes at once. `admin` is
 * a NATS user that may make streams. Waits for NATS and its leader as long as it takes, and says so.
 */
export const setUp = (
  admin: Omit<LogAccess, 'name'>,
  { databaseUrl, sizes }: Access,
  rooms: readonly RoomDoor[],
  say: Say = () => undefined,
): Promise<InstanceIdentity> =>
  setUpReadStore(databaseUrl, privateStore(databaseUrl, rooms), () => setUpEventStore({ ...admin, name: 'clawbutler set-up' }, sizes, say));
