import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { SecretBox } from '@app/config';
import { CommandHandler, FactFeed, InstanceIdentity, Once, Questions, Telemetry, LogStanding } from '@app/event-store';
import { PublicOptions } from '@app/http';
import { FederationOptions } from '../src/federation.options.js';
import { linkProviders } from '../src/peers/link-providers.js';
import { FederationLinkDoor } from '../src/peers/runtime/link-door.provider.js';
import { LinkTiming } from '../src/peers/runtime/link-timing.js';
import type { LinkPolicy } from '../src/peers/runtime/policy.js';
import type { Room } from './machines.js';

export interface LinkProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** What keeps the links of a room, on the room's own machines, answering on a free port of loopback; `port`: the one it had before. */
export async function openLinkProcess({ store, db, box }: Room, policy: LinkPolicy, port = 0): Promise<LinkProcess> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options: FederationOptions = { allowCidrs: [], allowLoopbackHttp: true, targets: { allowLoopback: true, own: [] } };
  const timing = Object.assign(new LinkTiming(), { policy });
  const module = await Test.createTestingModule({
    providers: [
      ...linkProviders.map((provider) => (provider === LinkTiming ? { provide: LinkTiming, useValue: timing } : provider)),
      FederationLinkDoor,
      { provide: CommandHandler, useValue: store.commands },
      { provide: FactFeed, useValue: store.feed },
      { provide: Telemetry, useValue: store.telemetry },
      { provide: Once, useValue: store.once },
      { provide: LogStanding, useValue: store.gate },
      { provide: Questions, useValue: store.questions },
      { provide: InstanceIdentity, useValue: store.identity },
      { provide: DataSource, useValue: db },
      { provide: SecretBox, useValue: box },
      { provide: FederationOptions, useValue: options },
      { provide: PublicOptions, useValue: { publicUrl: url } },
    ],
  }).compile();
  module.useLogger(false);
  const door = module.get(FederationLinkDoor);
  server.on('request', (request, response) => void door.handle(request, response));
  await module.init();
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await module.close();
  };
  return { url, stop };
}
