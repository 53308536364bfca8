import type { Loss } from './agent-status.js';
import type { End } from './tunnel.adapter.js';

/** How an agent was lost whose tunnel ended so. */
export function lossOf({ reason, backS }: End, atMs: number): Loss {
  switch (reason) {
    case 'goodbye':
      return { how: 'goodbye', atMs };
    case 'restarting':
      return { how: 'restarting', atMs, backByMs: atMs + (backS ?? 0) * 1000 };
    case 'read_deadline':
      return { how: 'broken', atMs, reason: 'heartbeat_timeout', lost: 'silent' };
    case 'malformed':
    case 'too_big':
    case 'too_many':
      return { how: 'broken', atMs, reason: 'connection_lost', lost: 'malformed' };
    case 'closed_by_agent':
      return { how: 'broken', atMs, reason: 'connection_lost', lost: 'closed' };
    case 'duplicate_identity':
      return { how: 'broken', atMs, reason: 'connection_lost', lost: 'superseded' };
    case 'connection_lost':
    case 'revoked':
    case 'server_drain':
    case 'server_lost':
    case 'superseded':
    case 'refused':
      return { how: 'broken', atMs, reason: 'connection_lost', lost: 'broken' };
  }
}
