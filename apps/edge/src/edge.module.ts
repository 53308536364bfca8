import { type DynamicModule, Module } from '@nestjs/common';
import { edge } from '@app/edge';
import { PublicOptions } from '@app/http';
import { type Plumbing, given, machinesOf } from '@app/process';

/** Faces the edge agents: lets them join, and keeps their tunnels. Exports its doors, for whoever listens. */
@Module({})
export class EdgeModule {
  static with(plumbing: Plumbing, at: PublicOptions): DynamicModule {
    return {
      module: EdgeModule,
      providers: [...machinesOf(plumbing), given(PublicOptions, at), ...edge.publicProviders, ...edge.doors],
      exports: [...edge.doors],
    };
  }
}
