import type { Holdable } from '@app/kernel';
import { type AgentEntry, agentDirectory } from './read/agent-directory/agent-directory.projection.js';
import { holdAgent } from './write/hold-agent/hold-agent.decide.js';

/** What of this context may connect, for an accept of the log. */
export const holds: readonly Holdable[] = [
  {
    what: 'edge agents',
    model: agentDirectory,
    rights: ({ agent_id, lifecycle, key_fingerprint, held_at }: AgentEntry) =>
      new Map(lifecycle !== 'revoked' && (held_at ?? null) === null ? [[agent_id, key_fingerprint]] : []),
    hold: holdAgent,
    of: (agent_id) => ({ agent_id }),
    named: ({ label }: AgentEntry, id) => `${id} "${label}"`,
  },
];
