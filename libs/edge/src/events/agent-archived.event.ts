import { IsIn } from 'class-validator';
import { DomainEvent, IsId, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';

/** `operator`: a person did it. `ephemeral`: the agent is not meant to last, and was away for a day. */
export const ARCHIVE_REASONS = ['operator', 'ephemeral'] as const;
export type ArchiveReason = (typeof ARCHIVE_REASONS)[number];

/**
 * An agent was put away: lists and counts leave it out unless they are asked for it. It can be undone.
 *
 * Not this    a revocation. An archived agent keeps its key, and is listed again as soon as it opens a tunnel.
 */
@DomainEvent
export class AgentArchived {
  static readonly kind = 'fact';
  static readonly type = 'edge.agent.archived';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: AgentArchived = { agent_id: asId('agent-7c9e66797425de94'), reason: 'operator' };
  static readonly streamId = (data: AgentArchived): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  @IsIn(ARCHIVE_REASONS) readonly reason: ArchiveReason;
}
