import { DomainEvent, IsId, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';

/**
 * The log lost its end and was accepted as it is. What the lost part held of an edge agent differs from what the log says now, so it opens nothing until
 * an admin releases it.
 */
@DomainEvent
export class AgentHeld {
  static readonly kind = 'fact';
  static readonly type = 'edge.agent.held';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: AgentHeld = { agent_id: asId('agent-7c9e66797425de94') };
  static readonly streamId = (data: AgentHeld): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;
}
