import { DomainEvent, IsId, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';

/**
 * An admin released an edge agent that was held: it may connect again.
 */
@DomainEvent
export class AgentReleased {
  static readonly kind = 'fact';
  static readonly type = 'edge.agent.released';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: AgentReleased = { agent_id: asId('agent-7c9e66797425de94') };
  static readonly streamId = (data: AgentReleased): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;
}
