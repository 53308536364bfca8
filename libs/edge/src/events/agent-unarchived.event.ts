import { IsIn } from 'class-validator';
import { DomainEvent, IsId, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';

/** `operator`: a person did it. `connected`: the agent opened a tunnel, and what is connected is listed. */
export const UNARCHIVE_REASONS = ['operator', 'connected'] as const;
export type UnarchiveReason = (typeof UNARCHIVE_REASONS)[number];

/** An archived agent is listed and counted again. */
@DomainEvent
export class AgentUnarchived {
  static readonly kind = 'fact';
  static readonly type = 'edge.agent.unarchived';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: AgentUnarchived = { agent_id: asId('agent-7c9e66797425de94'), reason: 'operator' };
  static readonly streamId = (data: AgentUnarchived): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  @IsIn(UNARCHIVE_REASONS) readonly reason: UnarchiveReason;
}
