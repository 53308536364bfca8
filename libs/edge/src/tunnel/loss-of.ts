import type { Loss } from '../status/agent-status.js';
import type { End } from './tunnel.adapter.js';

/** How an agent was lost whose tunnel ended so. */
export function lossOf({ reason, backS }: End, atMs: number): Loss {
  switch (reason) {
    case 'goodbye':
      return { how: 'goodbye', atMs };
    case 'restarting':
      return { how: 'restarting', atMs, backByMs: atMs + (backS ?? 0) * 1000 };
    case 'read_deadline':
      return { how: 'broken', atMs, reason: 'heartbeat_timeout', words: 'Nothing was heard of it, though its connection seemed to stand.' };
    case 'malformed':
    case 'too_big':
    case 'too_many':
      return { how: 'broken', atMs, reason: 'connection_lost', words: 'Its connection was closed: it did not keep to the protocol.' };
    case 'closed_by_agent':
      return { how: 'broken', atMs, reason: 'connection_lost', words: 'The agent closed its connection without a goodbye.' };
    case 'duplicate_identity':
      return { how: 'broken', atMs, reason: 'connection_lost', words: 'Its connection was closed: another process had its identity.' };
    case 'connection_lost':
    case 'revoked':
    case 'server_drain':
    case 'server_lost':
    case 'superseded':
    case 'refused':
      return { how: 'broken', atMs, reason: 'connection_lost', words: 'The connection broke without a goodbye.' };
  }
}
