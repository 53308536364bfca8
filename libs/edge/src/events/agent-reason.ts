/** Why an agent is not connected as it should be. Closed: programs branch on these. */
export const AGENT_REASONS = [
  'never_connected',
  'starting',
  'slow',
  'heartbeat_late',
  'heartbeat_timeout',
  'connection_lost',
  'sync_stale',
  'queue_backlog',
  'disk_full',
  'clock_skew',
  'dependency_down',
  'remote_goodbye',
  'remote_restarting',
  'duplicate_identity',
  'revoked',
  'flapping',
  'observer_unhealthy',
  'held',
] as const;
export type AgentReason = (typeof AGENT_REASONS)[number];
