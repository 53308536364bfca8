import { createHash } from 'node:crypto';
import { type DynamicModule, Module } from '@nestjs/common';
import { Bearers, access } from '@app/access';
import { SecretBox } from '@app/config';
import { InstanceIdentity } from '@app/event-store';
import { CallerCheck, FederationOptions, federation } from '@app/federation';
import { PublicOptions, may } from '@app/http';
import { type Plumbing, given, machinesOf } from '@app/process';

/** What the start decides for this process. */
export interface FederationSettings {
  /** 32 bytes. */
  readonly secretsKey: Uint8Array;
  readonly federation: FederationOptions;
  readonly public: PublicOptions;
}

/** Calls cost money and may change things: what only looks may not make them. */
const LEAST = 'operator';

/** Operators' agents call peers with a service token of ours. A peer can tell one from another, and learns nothing of either. */
const callerCheck = (bearers: Bearers, { instance_id }: InstanceIdentity): CallerCheck => ({
  check: async (authorization, address) => {
    if (!bearers.admits(authorization, address)) return 'too-often';
    const signIn = await bearers.of(authorization);
    if (signIn === null) return null;
    const caller = createHash('sha256').update(`${instance_id}\n${signIn.actor}`).digest('base64url').slice(0, 22);
    const isStillIn = async (): Promise<boolean> => {
      const now = await bearers.of(authorization);
      return now !== null && now.actor === signIn.actor && may(now.role, LEAST);
    };
    return { actor: signIn.actor, caller, may: may(signIn.role, LEAST), isStillIn };
  },
});

/** Faces the peers: handshakes, heartbeats and A2A calls, in and out. Exports its doors, for whoever listens. */
@Module({})
export class FederationModule {
  static with(plumbing: Plumbing, settings: FederationSettings): DynamicModule {
    return {
      module: FederationModule,
      providers: [
        ...machinesOf(plumbing),
        given(SecretBox, new SecretBox(settings.secretsKey)),
        given(FederationOptions, settings.federation),
        given(PublicOptions, settings.public),
        ...access.publicProviders,
        { provide: CallerCheck, inject: [Bearers, InstanceIdentity], useFactory: callerCheck },
        ...federation.publicProviders,
        ...federation.doors,
      ],
      exports: [...federation.doors],
    };
  }
}
