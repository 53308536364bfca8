/** Why a peer is not connected. Closed: programs branch on these. Of the list that peers, edge agents and components share. */
export const LINK_REASONS = [
  'never_connected',
  'heartbeat_late',
  'heartbeat_timeout',
  'connect_refused',
  'dns_failure',
  'tls_failure',
  'auth_rejected',
  'signature_invalid',
  'protocol_mismatch',
  'version_unsupported',
  'suspended_by_operator',
  'rate_limited',
  'slow',
  'error_rate',
  'clock_skew',
  'one_way',
  'flapping',
  'observer_unhealthy',
] as const;
export type LinkReason = (typeof LINK_REASONS)[number];
