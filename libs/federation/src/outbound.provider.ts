import type { FactoryProvider } from '@nestjs/common';
import { OutboundGuard } from '@app/http';
import { FederationOptions } from './federation.options.js';

/** Guards the requests to the targets of routing rules: agents of ours, where peers may not be. */
export class TargetGuard extends OutboundGuard {}

export const targetGuard: FactoryProvider<TargetGuard> = {
  provide: TargetGuard,
  useFactory: ({ allowCidrs, targets }: FederationOptions) =>
    new TargetGuard({ allowCidrs, allowLoopbackHttp: targets.allowLoopback, own: targets.own }),
  inject: [FederationOptions],
};

/** The guard of this context's requests: the same at registration and, later, at every connection. */
export const outboundGuard: FactoryProvider<OutboundGuard> = {
  provide: OutboundGuard,
  useFactory: (options: FederationOptions) => new OutboundGuard(options),
  inject: [FederationOptions],
};
