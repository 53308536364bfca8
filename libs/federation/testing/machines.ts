import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { SecretBox } from '@app/config';
import { CommandHandler, type EventStore, InstanceIdentity, Questions } from '@app/event-store';
import { type Door, LogBook, doorOf } from '@app/http/testing';
import { ReadModels } from '@app/read-store';
import { openMachines } from '@app/read-store/testing';
import { FederationOptions } from '../src/federation.options.js';
import { federation } from '../src/context.js';

/** The room on the machines it runs on: a log, a database, a projector, HTTP. */
export interface Room extends Door {
  readonly store: EventStore;
  readonly db: DataSource;
  readonly box: SecretBox;
  readonly logBook: LogBook;
}

export async function openRoom(): Promise<Room> {
  const logBook = new LogBook();
  const machines = await openMachines(federation, (words) => logBook.log(words));
  const { store, db, readModels } = machines;
  const box = new SecretBox(randomBytes(32));
  const options: FederationOptions = { allowCidrs: [], allowLoopbackHttp: true, targets: { allowLoopback: true, own: [] } };
  const door = await doorOf(
    federation.controllers,
    [
      ...federation.providers,
      { provide: CommandHandler, useValue: store.commands },
      { provide: InstanceIdentity, useValue: store.identity },
      { provide: Questions, useValue: store.questions },
      { provide: ReadModels, useValue: readModels },
      { provide: DataSource, useValue: db },
      { provide: SecretBox, useValue: box },
      { provide: FederationOptions, useValue: options },
    ],
    logBook,
  );
  const close = async (): Promise<void> => {
    await door.close();
    await machines.close();
  };
  return { ...door, store, db, box, logBook, close };
}
