import { type Decider, newEvent, refuse } from '@app/kernel';
import { type Agent, agent } from '../../agent.stream.js';
import { AgentSynced } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import { differenceOf } from '../../report-difference.js';

type No = Refused<'edge.agent-unknown' | 'edge.agent-revoked'>;

/** What an agent reports is kept when something happened. That numbers moved is told by telemetry. */
export const recordSync: Decider<Agent, AgentSynced, typeof AgentSynced, No> = {
  on: ({ agent_id }) => agent.of(agent_id),
  decide: (state, { data }) => {
    const { agent_id } = data;
    if (state.lifecycle === 'unknown') return refuse('edge.agent-unknown', { agent_id });
    if (state.lifecycle === 'revoked') return refuse('edge.agent-revoked', { agent_id });
    return state.synced === null || differenceOf(state.synced, data) === 'content' ? [newEvent(AgentSynced, data)] : [];
  },
};
