import { type DynamicModule, Module } from '@nestjs/common';
import type { PublicSettings } from '@app/config';
import { type PublicDoor, PublicListener } from '@app/http';
import type { Plumbing } from './plumbing.js';

type DoorClass = new (...args: never[]) => PublicDoor;

/** The listener that faces other machines, in front of the doors of some modules. It listens when these are up, and closes first. */
@Module({})
export class PublicModule {
  static serving(
    { store, log }: Plumbing,
    at: PublicSettings,
    modules: readonly DynamicModule[],
    doors: readonly DoorClass[],
  ): DynamicModule {
    const logger = log.child({ context: 'public' });
    const failing = async (): Promise<string[]> => [await store.failing()].filter((word) => word !== null);
    const listener = (...open: PublicDoor[]): PublicListener => new PublicListener(open, at, failing, (error) => logger.error(error));
    return {
      module: PublicModule,
      imports: [...modules],
      providers: [{ provide: PublicListener, inject: [...doors], useFactory: listener }],
    };
  }
}
