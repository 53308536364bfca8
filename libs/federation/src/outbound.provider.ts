import type { FactoryProvider } from '@nestjs/common';
import { OutboundGuard } from '@app/http';
import { FederationOptions } from './federation.options.js';

/** The guard of this room's requests: the same at registration and, later, at every connection. */
export const outboundGuard: FactoryProvider<OutboundGuard> = {
  provide: OutboundGuard,
  useFactory: (options: FederationOptions) => new OutboundGuard(options),
  inject: [FederationOptions],
};
