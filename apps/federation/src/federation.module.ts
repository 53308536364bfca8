import { createHash } from 'node:crypto';
import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { Bearers, access } from '@app/access';
import { SecretBox } from '@app/config';
import { InstanceIdentity } from '@app/event-store';
import { CallerCheck, FederationOptions, federation } from '@app/federation';
import { CALLER_ROLE, PublicOptions, type TokenRole, may } from '@app/http';
import { type Plumbing, given, machinesOf } from '@app/process';

/** What the start decides for this process. */
export interface FederationSettings {
  /** 32 bytes. */
  readonly secretsKey: Uint8Array;
  readonly federation: FederationOptions;
  readonly public: PublicOptions;
}

/** The least of the roles beside `caller` that makes calls, for one release. They cost money and may change things. */
const LEAST = 'operator';
const mayCall = (role: TokenRole): boolean => role === CALLER_ROLE || may(role, LEAST);

/** Tokens that a warning was logged about, at most; a later one is not warned about. */
const MAX_WARNED = 10_000;

/** Logs once for each token of another role than `caller` that it makes calls. */
function roleWarning(): (signIn: { readonly actor: string; readonly role: TokenRole }) => void {
  const log = new Logger('federation.callers');
  const warned = new Set<string>();
  return ({ actor, role }) => {
    if (role === CALLER_ROLE || !mayCall(role) || warned.has(actor) || warned.size >= MAX_WARNED) return;
    warned.add(actor);
    log.warn(
      `${actor} calls peers with the role ${role}. A later release lets only the role caller do that. ` +
        `Make a token for it: ap auth token create <name> --role caller --bind <peer_id>`,
    );
  };
}

/**
 * Agents of ours call peers with a service token. A peer can tell one caller from another, over all tokens that take each other's place, and
 * learns nothing of either.
 */
const callerCheck = (bearers: Bearers, { instance_id }: InstanceIdentity): CallerCheck => {
  const warn = roleWarning();
  return {
    check: async (authorization, address) => {
      if (!bearers.admits(authorization, address)) return 'too-often';
      const signIn = await bearers.of(authorization);
      if (signIn === null) return null;
      warn(signIn);
      const { actor, role, caller_id, bindings } = signIn;
      const caller = createHash('sha256').update(`${instance_id}\ntoken:${caller_id}`).digest('base64url').slice(0, 22);
      const isStillIn = async (): Promise<boolean> => {
        const now = await bearers.of(authorization);
        return now !== null && now.actor === actor && mayCall(now.role);
      };
      return { actor, caller, may: mayCall(role), bindings, isStillIn, onEnd: (ended) => bearers.onEnd(signIn, ended) };
    },
  };
};

/** Faces the peers: handshakes, heartbeats and A2A calls, in and out. Exports its endpoints, for whoever listens. */
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
        ...federation.endpoints,
      ],
      exports: [...federation.endpoints],
    };
  }
}
