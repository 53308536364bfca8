import { type Instant, type Decider, newEvent } from '@app/kernel';
import { type Agent, agent } from '../../agent.stream.js';
import { AgentArchived, type AgentId, type AgentStatus } from '../../events/index.js';

/** An ephemeral agent that is away for so long is archived. */
export const AWAY_MS = 24 * 3_600_000;

/** The states of an agent that has no tunnel. */
export const AWAY: readonly AgentStatus[] = ['enrolled', 'disconnected', 'stale', 'quarantined'];

/** An agent that is meant to last, that is held, or that may be on its way back is left as it is. */
export const archiveEphemeral: Decider<Agent, { readonly agent_id: AgentId }, typeof AgentArchived> = {
  on: ({ agent_id }) => agent.of(agent_id),
  decide: (state, { data: { agent_id }, at }) => (isDue(state, at) ? [newEvent(AgentArchived, { agent_id, reason: 'ephemeral' })] : []),
};

function isDue(state: Agent, at: Instant): boolean {
  if (state.lifecycle === 'unknown' || state.lifecycle === 'held' || !state.ephemeral || state.archived) return false;
  if (state.lifecycle === 'revoked') return isLongAgo(state.since, at);
  const { status, reason, since } = state.evaluation;
  if (status === 'stale') return true; // It is stale after a day, and that day counts.
  return AWAY.includes(status) && reason !== 'starting' && isLongAgo(since, at);
}

const isLongAgo = (since: Instant, at: Instant): boolean => Date.parse(at) - Date.parse(since) >= AWAY_MS;
