/** The four answers to "how is it?". Lifecycle words are not among them; unknown (nobody could look) never counts as downtime. */
export type Health = 'up' | 'degraded' | 'down' | 'unknown';

/** Every status word of every kind of thing, and its one answer. What the page, the CLI and the metrics count comes from here alone. */
const HEALTH = {
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
  pending: 'unknown',
  enrolled: 'unknown',
  suspended: 'unknown',
  revoked: 'unknown',
  unknown: 'unknown',
} as const satisfies Record<string, Health>;

export type Status = keyof typeof HEALTH;
export const STATUSES = Object.keys(HEALTH) as Status[];
export const HEALTHS = ['up', 'degraded', 'down', 'unknown'] as const satisfies readonly Health[];

/** Statuses of things that no process evaluates. They count as unknown, and are counted apart. */
export type Unwatched = Extract<Status, 'pending' | 'enrolled' | 'suspended' | 'revoked'>;

/** Number of things with one status. */
export interface StatusCount {
  readonly status: Status;
  readonly health: Health;
  readonly count: number;
}

export const healthOf = (status: Status): Health => HEALTH[status];
