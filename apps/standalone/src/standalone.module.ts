import { type DynamicModule, Module } from '@nestjs/common';

/** All apps in one process: each module as its own process would have it. */
@Module({})
export class StandaloneModule {
  static of(...apps: DynamicModule[]): DynamicModule {
    return { module: StandaloneModule, imports: apps };
  }
}
