/** What whoever starts the process decides for this room. */
export abstract class FederationOptions {
  /** FEDERATION_ALLOW_CIDRS: private networks in which peers may be. */
  abstract readonly allowCidrs: readonly string[];
  /** FEDERATION_ALLOW_LOOPBACK_HTTP: whether peers may be on this machine, over http too. */
  abstract readonly allowLoopbackHttp: boolean;
}
