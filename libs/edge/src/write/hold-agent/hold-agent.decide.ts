import { type Decider, newEvent } from '@app/kernel';
import { type Agent, agent } from '../../agent.stream.js';
import { AgentHeld, type AgentId } from '../../events/index.js';

/** Which one the lost end of the log says something else of. */
export interface HoldAgent {
  readonly agent_id: AgentId;
}

/** What has no rights, or is held already, is left as it is. */
export const holdAgent: Decider<Agent, HoldAgent, typeof AgentHeld> = {
  on: ({ agent_id }) => agent.of(agent_id),
  passesUnreadable: true,
  decide: ({ lifecycle }, { data: { agent_id } }) => (lifecycle === 'enrolled' ? [newEvent(AgentHeld, { agent_id })] : []),
};
