import { DomainEvent, IsId, IsText, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';

/** An agent lost its right to connect, for ever. Its tunnel is closed, and its history stays. */
@DomainEvent
export class AgentRevoked {
  static readonly kind = 'fact';
  static readonly type = 'edge.agent.revoked';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: AgentRevoked = { agent_id: asId('agent-7c9e66797425de94'), note: 'the host was sold' };
  static readonly streamId = (data: AgentRevoked): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  /** Why, in the operator's own words; may be empty. At most 500 characters. */
  @IsText(500, { lines: true }) readonly note: string;
}
