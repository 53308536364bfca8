import { type Decider, newEvent, refuse } from '@app/kernel';
import { type Agent, agent } from '../../agent.stream.js';
import { AgentStatusChanged } from '../../events/index.js';
import type { Refused } from '../../refusals.js';

type No = Refused<'edge.agent-unknown' | 'edge.agent-revoked' | 'edge.status-overtaken'>;

/**
 * A verdict becomes a fact. It says from what it was reached (`from`): where the log has something else by now, somebody else judged
 * in the meantime, and this one must go on from there.
 */
export const changeAgentStatus: Decider<Agent, AgentStatusChanged, typeof AgentStatusChanged, No> = {
  on: ({ agent_id }) => agent.of(agent_id),
  decide: (state, { data }) => {
    const { agent_id, from, to, reason } = data;
    if (state.lifecycle === 'unknown') return refuse('edge.agent-unknown', { agent_id });
    if (state.lifecycle === 'revoked') return refuse('edge.agent-revoked', { agent_id });
    const { evaluation } = state;
    if (state.lifecycle === 'held') return refuse('edge.status-overtaken', { agent_id, status: 'quarantined', from });
    if (evaluation.status === to && evaluation.reason === reason) return []; // Whoever else judged came to the same.
    if (evaluation.status !== from) return refuse('edge.status-overtaken', { agent_id, status: evaluation.status, from });
    return [newEvent(AgentStatusChanged, data)];
  },
};
