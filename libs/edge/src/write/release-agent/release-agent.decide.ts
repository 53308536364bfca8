import { type Decider, newEvent, refuse } from '@app/kernel';
import { type Agent, agent } from '../../agent.stream.js';
import { AgentReleased } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import type { ReleaseAgent } from './release-agent.command.js';

export const releaseAgent: Decider<Agent, ReleaseAgent, typeof AgentReleased, Refused<'edge.agent-unknown'>> = {
  on: ({ agent_id }) => agent.of(agent_id),
  decide: ({ lifecycle }, { data: { agent_id } }) => {
    if (lifecycle === 'unknown' || lifecycle === 'revoked') return refuse('edge.agent-unknown', { agent_id });
    return lifecycle === 'held' ? [newEvent(AgentReleased, { agent_id })] : []; // Asking twice is not an error.
  },
};
