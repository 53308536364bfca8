import { type Decider, newEvent, refuse } from '@app/kernel';
import { type Agent, agent } from '../../agent.stream.js';
import { AgentUnarchived } from '../../events/index.js';
import type { Refused } from '../../refusals.js';

export const unarchiveAgent: Decider<Agent, AgentUnarchived, typeof AgentUnarchived, Refused<'edge.agent-unknown'>> = {
  on: ({ agent_id }) => agent.of(agent_id),
  decide: (state, { data: { agent_id, reason } }) => {
    if (state.lifecycle === 'unknown') return refuse('edge.agent-unknown', { agent_id });
    return state.archived ? [newEvent(AgentUnarchived, { agent_id, reason })] : []; // Asking twice is not an error.
  },
};
