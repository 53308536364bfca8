import { type DynamicModule, Module } from '@nestjs/common';
import type { PublicSettings } from '@app/config';
import { type PublicEndpoint, PublicListener } from '@app/http';
import type { Plumbing } from './plumbing.js';

type EndpointClass = new (...args: never[]) => PublicEndpoint;

/** The listener that faces other machines, in front of the endpoints of some modules. It listens when these are up, and closes first. */
@Module({})
export class PublicModule {
  static serving(
    { store, log }: Plumbing,
    at: PublicSettings,
    modules: readonly DynamicModule[],
    endpoints: readonly EndpointClass[],
  ): DynamicModule {
    const logger = log.child({ context: 'public' });
    const failing = async (): Promise<string[]> => [await store.failing()].filter((word) => word !== null);
    const listener = (...open: PublicEndpoint[]): PublicListener => new PublicListener(open, at, failing, (error) => logger.error(error));
    return {
      module: PublicModule,
      imports: [...modules],
      providers: [{ provide: PublicListener, inject: [...endpoints], useFactory: listener }],
    };
  }
}
