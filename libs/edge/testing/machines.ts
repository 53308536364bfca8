import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Test, type TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { InstanceKey } from '@app/config';
import { CommandHandler, type EventStore, EventSubscription, InstanceIdentity, RequestReply, Telemetry } from '@app/event-store';
import { PublicOptions } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { ReadModels } from '@app/read-store';
import { openMachines } from '@app/read-store/testing';
import { edge } from '../src/context.js';
import { EdgeEndpoint } from '../src/runtime/edge.endpoint.js';

/** The context on the machines it runs on: a log, a database, projectors, the API, and the process that holds tunnels. */
export interface TestContext extends TestApp {
  readonly store: EventStore;
  readonly db: DataSource;
  /** Of the process that holds tunnels. */
  readonly publicUrl: string;
  /** Ends that process, in order, and starts another at the same place. */
  restart(): Promise<void>;
}

export async function openContext(): Promise<TestContext> {
  const machines = await openMachines(edge);
  const { store, db, readModels } = machines;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const given = [
    { provide: CommandHandler, useValue: store.commands },
    { provide: EventSubscription, useValue: store.subscription },
    { provide: InstanceIdentity, useValue: store.identity },
    {
      provide: InstanceKey,
      useValue: { publicKey: null, isKnown: true, known: Promise.resolve(), sign: () => null } satisfies InstanceKey,
    },
    { provide: Telemetry, useValue: store.telemetry },
    { provide: RequestReply, useValue: store.rpc },
    { provide: PublicOptions, useValue: { publicUrl } satisfies PublicOptions },
    { provide: ReadModels, useValue: readModels },
    { provide: DataSource, useValue: db },
  ];
  const app = await testAppOf(edge.controllers, [...edge.providers, ...given]);
  let holder = await hold(server, given);
  const close = async (): Promise<void> => {
    await holder.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await app.close();
    await machines.close();
  };
  const restart = async (): Promise<void> => {
    await holder.close();
    holder = await hold(server, given);
  };
  return { ...app, store, db, publicUrl, restart, close };
}

/** The process that holds tunnels, behind a server that is there before and after it. */
export async function hold(server: Server, given: readonly object[]): Promise<TestingModule> {
  const module = await Test.createTestingModule({ providers: [...edge.publicProviders, ...(given as never[])] }).compile();
  await module.init();
  const testApp = module.get(EdgeEndpoint);
  server.removeAllListeners('request').removeAllListeners('upgrade');
  server.on('request', (request, response) => void testApp.handle(request, response));
  server.on('upgrade', (request, socket, head) => testApp.upgrade(request, socket, head));
  return module;
}
