import type { Endpoint } from '@app/http';

/** What whoever starts the process decides for this context. */
export abstract class FederationOptions {
  /** FEDERATION_ALLOW_CIDRS: private networks in which peers may be. */
  abstract readonly allowCidrs: readonly string[];
  /** FEDERATION_ALLOW_LOOPBACK_HTTP: whether peers may be on this machine, over http too. */
  abstract readonly allowLoopbackHttp: boolean;
  /** Where routing rules may lead, beside the networks above. */
  abstract readonly targets: {
    /** ROUTE_ALLOW_LOOPBACK: whether to agents on this machine, over http too. */
    readonly allowLoopback: boolean;
    /** The listeners and servers of this instance, where they never lead. */
    readonly own: readonly Endpoint[];
  };
}
