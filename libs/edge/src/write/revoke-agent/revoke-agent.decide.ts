import { type Decider, newEvent, refuse } from '@app/kernel';
import { type Agent, agent } from '../../agent.stream.js';
import { AgentRevoked } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import type { RevokeAgent } from './revoke-agent.command.js';

export const revokeAgent: Decider<Agent, RevokeAgent, typeof AgentRevoked, Refused<'edge.agent-unknown'>> = {
  on: ({ agent_id }) => agent.of(agent_id),
  passesUnreadable: true,
  decide: ({ lifecycle }, { data: { agent_id, note } }) => {
    switch (lifecycle) {
      case 'unknown':
        return refuse('edge.agent-unknown', { agent_id });
      case 'revoked':
        return []; // For ever already: asking twice is not an error.
      case 'enrolled':
      case 'held':
        return [newEvent(AgentRevoked, { agent_id, note })];
    }
  },
};
