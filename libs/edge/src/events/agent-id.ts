import type { Id } from '@app/kernel';

/** Names an edge agent for its whole life; chosen by us when it joins, never by the agent. */
export type AgentId = Id<'AgentId'>;
