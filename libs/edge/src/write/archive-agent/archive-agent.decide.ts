import { type Decider, newEvent, refuse } from '@app/kernel';
import { type Agent, agent } from '../../agent.stream.js';
import { AgentArchived } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import type { ArchiveAgent } from './archive-agent.command.js';

export const archiveAgent: Decider<Agent, ArchiveAgent, typeof AgentArchived, Refused<'edge.agent-unknown'>> = {
  on: ({ agent_id }) => agent.of(agent_id),
  decide: (state, { data: { agent_id } }) => {
    if (state.lifecycle === 'unknown') return refuse('edge.agent-unknown', { agent_id });
    return state.archived ? [] : [newEvent(AgentArchived, { agent_id, reason: 'operator' })]; // Asking twice is not an error.
  },
};
