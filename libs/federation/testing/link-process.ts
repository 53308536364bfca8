import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { SecretBox } from '@app/config';
import { CommandHandler, EventSubscription, InstanceIdentity, NonceStore, RequestReply, Telemetry, LogAcceptance } from '@app/event-store';
import { PublicOptions } from '@app/http';
import { FederationOptions } from '../src/federation.options.js';
import { linkProviders } from '../src/peers/link-providers.js';
import { LinkEndpoint } from '../src/peers/runtime/link.endpoint.js';
import { LinkTiming } from '../src/peers/runtime/link-timing.js';
import type { LinkPolicy } from '../src/peers/runtime/policy.js';
import type { TestContext } from './machines.js';

export interface LinkProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** What keeps the links of a context, on the context's own machines, answering on a free port of loopback; `port`: the one it had before. */
export async function openLinkProcess({ store, db, box }: TestContext, policy: LinkPolicy, port = 0): Promise<LinkProcess> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options: FederationOptions = { allowCidrs: [], allowLoopbackHttp: true, targets: { allowLoopback: true, own: [] } };
  const timing = Object.assign(new LinkTiming(), { policy });
  const module = await Test.createTestingModule({
    providers: [
      ...linkProviders.map((provider) => (provider === LinkTiming ? { provide: LinkTiming, useValue: timing } : provider)),
      LinkEndpoint,
      { provide: CommandHandler, useValue: store.commands },
      { provide: EventSubscription, useValue: store.subscription },
      { provide: Telemetry, useValue: store.telemetry },
      { provide: NonceStore, useValue: store.nonces },
      { provide: LogAcceptance, useValue: store.gate },
      { provide: RequestReply, useValue: store.rpc },
      { provide: InstanceIdentity, useValue: store.identity },
      { provide: DataSource, useValue: db },
      { provide: SecretBox, useValue: box },
      { provide: FederationOptions, useValue: options },
      { provide: PublicOptions, useValue: { publicUrl: url } },
    ],
  }).compile();
  module.useLogger(false);
  const app = module.get(LinkEndpoint);
  server.on('request', (request, response) => void app.handle(request, response));
  await module.init();
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await module.close();
  };
  return { url, stop };
}
