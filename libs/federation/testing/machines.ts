import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { SecretBox } from '@app/config';
import { CommandHandler, type EventStore, InstanceIdentity, Questions } from '@app/event-store';
import { openTestLog } from '@app/event-store/testing';
import { type Door, LogBook, doorOf } from '@app/http/testing';
import { PgReadModels, Progress, Projector, ReadModels, poolOf, privateStore, setUpReadStore } from '@app/read-store';
import { testDatabase } from '@app/runtime/testing';
import { FederationOptions } from '../src/federation.options.js';
import { federation } from '../src/room.js';

/** The room on the machines it runs on: a log, a database, a projector, HTTP. */
export interface Room extends Door {
  readonly store: EventStore;
  readonly db: DataSource;
  readonly box: SecretBox;
  readonly logBook: LogBook;
}

export async function openRoom(): Promise<Room> {
  const [log, database] = await Promise.all([openTestLog(Object.values(federation.events)), testDatabase()]);
  const { store } = log;
  await setUpReadStore(database.url, privateStore(database.url, [federation]), async () => undefined);
  const db = await privateStore(database.url, [federation]).initialize();
  const pool = poolOf(database.url, { name: 'test', max: 10 });
  const progress = new Progress(store.nc);
  const logBook = new LogBook();
  const projectors = federation.projections.map((fold) => new Projector(fold, store, pool, (_level, words) => logBook.log(words)));
  for (const projector of projectors) projector.start();
  const box = new SecretBox(randomBytes(32));
  const options: FederationOptions = { allowCidrs: [], allowLoopbackHttp: true };
  const door = await doorOf(
    federation.controllers,
    [
      ...federation.providers,
      { provide: CommandHandler, useValue: store.commands },
      { provide: InstanceIdentity, useValue: store.identity },
      { provide: Questions, useValue: store.questions },
      { provide: ReadModels, useValue: new PgReadModels(pool, progress) },
      { provide: DataSource, useValue: db },
      { provide: SecretBox, useValue: box },
      { provide: FederationOptions, useValue: options },
    ],
    logBook,
  );
  const close = async (): Promise<void> => {
    await door.close();
    await Promise.all(projectors.map((projector) => projector.stop()));
    progress.stop();
    await db.destroy();
    await pool.end();
    await log.stop();
    await database.drop();
  };
  return { ...door, store, db, box, logBook, close };
}
