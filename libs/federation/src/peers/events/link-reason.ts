/** Why a peer is not connected. Closed: programs branch on these. Of the list that peers, edge agents and components share. */
export const LINK_REASONS = [
  'never_connected',
  'heartbeat_late',
  'heartbeat_timeout',
  'connect_refused', //       nothing listens on the port
  'host_unreachable', //      no way to the host
  'network_unreachable', //   no route to its network
  'address_unavailable', //   this machine has no address to connect from
  'outbound_denied', //       the outbound guard of this instance forbids the address
  'dns_failure',
  'tls_failure',
  'auth_rejected',
  'address_mismatch', //      it was asked by an address that is not its own
  'peer_id_mismatch', //      the holder of the secret has another instance id
  'own_address', //           the address leads to this instance itself
  'signature_invalid',
  'protocol_mismatch',
  'version_unsupported',
  'suspended_by_operator',
  'rate_limited',
  'slow',
  'error_rate',
  'clock_skew',
  'one_way',
  'key_changed', //           it shows another instance key than the one that is pinned
  'key_missing', //           its instance key is pinned, and it shows none
  'key_unproven', //          it names an instance key, and does not prove to hold it
  'flapping',
  'observer_unhealthy',
] as const;
export type LinkReason = (typeof LINK_REASONS)[number];
