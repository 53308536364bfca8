import { type DynamicModule, Module } from '@nestjs/common';
import { SecretBox } from '@app/config';
import { edge } from '@app/edge';
import { federation } from '@app/federation';
import { PublicOptions } from '@app/http';
import { type Plumbing, given, machinesOf } from '@app/process';

/** Faces the edge agents: lets them join, and keeps their tunnels. Exports its endpoints, for whoever listens. */
@Module({})
export class EdgeModule {
  /** `secretsKey`: 32 bytes; null: this process shows the instance key and signs nothing with it. */
  static with(plumbing: Plumbing, at: PublicOptions, secretsKey: Uint8Array | null): DynamicModule {
    return {
      module: EdgeModule,
      providers: [
        ...machinesOf(plumbing),
        given(PublicOptions, at),
        ...(secretsKey === null ? [] : [given(SecretBox, new SecretBox(secretsKey))]),
        ...federation.instanceKeyProviders,
        ...edge.publicProviders,
        ...edge.endpoints,
      ],
      exports: [...edge.endpoints],
    };
  }
}
