import type { Status } from '@app/kernel';

export const AGENT_STATUSES = [
  'enrolled',
  'connected',
  'degraded',
  'reconnecting',
  'restarting',
  'disconnected',
  'stale',
  'quarantined',
  'revoked',
  'unknown',
] as const satisfies readonly Status[];
export type AgentStatus = (typeof AGENT_STATUSES)[number];
