import type { Health } from '../contract.js';

/** The health of each status word, for events: rows bring their own. The API's table, word for word. */
const HEALTH: Record<string, Health> = {
  connected: 'up',
  green: 'up',
  degraded: 'degraded',
  reconnecting: 'degraded',
  restarting: 'degraded',
  recovering: 'degraded',
  amber: 'degraded',
  disconnected: 'down',
  auth_failed: 'down',
  incompatible: 'down',
  quarantined: 'down',
  stale: 'down',
  red: 'down',
};

export const healthOfStatus = (status: string): Health => HEALTH[status] ?? 'unknown';
