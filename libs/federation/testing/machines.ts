import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { SecretBox } from '@app/config';
import { CommandHandler, type EventStore, InstanceIdentity, RequestReply } from '@app/event-store';
import { type TestApp, LogCapture, testAppOf } from '@app/http/testing';
import { ReadModels } from '@app/read-store';
import { openMachines } from '@app/read-store/testing';
import { FederationOptions } from '../src/federation.options.js';
import { federation } from '../src/context.js';

/** The context on the machines it runs on: a log, a database, a projector, HTTP. */
export interface TestContext extends TestApp {
  readonly store: EventStore;
  readonly db: DataSource;
  readonly box: SecretBox;
  readonly logCapture: LogCapture;
}

export async function openContext(): Promise<TestContext> {
  const logCapture = new LogCapture();
  const machines = await openMachines(federation, (words) => logCapture.log(words));
  const { store, db, readModels } = machines;
  const box = new SecretBox(randomBytes(32));
  const options: FederationOptions = { allowCidrs: [], allowLoopbackHttp: true, targets: { allowLoopback: true, own: [] } };
  const app = await testAppOf(
    federation.controllers,
    [
      ...federation.providers,
      { provide: CommandHandler, useValue: store.commands },
      { provide: InstanceIdentity, useValue: store.identity },
      { provide: RequestReply, useValue: store.rpc },
      { provide: ReadModels, useValue: readModels },
      { provide: DataSource, useValue: db },
      { provide: SecretBox, useValue: box },
      { provide: FederationOptions, useValue: options },
    ],
    logCapture,
  );
  const close = async (): Promise<void> => {
    await app.close();
    await machines.close();
  };
  return { ...app, store, db, box, logCapture, close };
}
